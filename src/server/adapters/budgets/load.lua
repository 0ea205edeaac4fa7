-- Puts the ledger's sums in place of whatever is known of one campaign, its claims included.
-- KEYS: the campaign's view, its claims, their offsets. ARGV: fence, sequence, total, then days with their cents.
-- Answers 1, or 0 where a newer writer has the campaign.
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[1]) then
  return 0
end

redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'sequence', ARGV[2], 'limits', 0, 'total', ARGV[3])
for index = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], 'day:' .. ARGV[index], ARGV[index + 1])
end
redis.call('EXPIRE', KEYS[1], 691200)
return 1
