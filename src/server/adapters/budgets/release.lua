-- Takes back one claim that never reached the ledger. Where the writer stands is not changed: it charges nothing twice.
-- KEYS: the campaign's view, its claims, their offsets. ARGV: the key, the claim as it is listed, its price and its day.
-- Answers 1, or 0 where that claim is not listed.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'total', '-' .. ARGV[3])
redis.call('HINCRBY', KEYS[1], 'day:' .. ARGV[4], '-' .. ARGV[3])
return 1
