-- Forgets the entries of a partition up to and including an offset.
-- KEYS: the stream, its description. ARGV: the offset.
local overhead = 64

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end

redis.call('XTRIM', KEYS[1], 'MINID', '0-' .. string.format('%.0f', tonumber(ARGV[1]) + 1))
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local trimmed
if oldest then
  local fields = oldest[2]
  trimmed = tonumber(fields[4]) - #fields[6] - overhead
else
  trimmed = tonumber(redis.call('HGET', KEYS[2], 'written'))
end
redis.call('HSET', KEYS[2], 'trimmed', string.format('%.0f', trimmed))
return 1
