-- Appends records to a partition: all of them or none.
-- KEYS: the stream, its description. ARGV: byte limit, a fresh generation, the time in milliseconds, then the records.
-- Answers the last offset, or 0 where the limit leaves no room.
--
-- Each entry carries the partition's length in bytes after it, so that the bytes held are known exactly without counting
-- them again: what was ever written, less what stood before the oldest entry.
local overhead = 64

if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[2], 'generation', ARGV[2], 'newest', 0, 'written', 0, 'trimmed', 0)
end

local held = redis.call('HMGET', KEYS[2], 'written', 'trimmed')
local written = tonumber(held[1])
local added = 0
for index = 4, #ARGV do
  added = added + #ARGV[index] + overhead
end
if written - tonumber(held[2]) + added > tonumber(ARGV[1]) then
  return 0
end

local id = nil
for index = 4, #ARGV do
  written = written + #ARGV[index] + overhead
  id = redis.call('XADD', KEYS[1], '0-*', 't', ARGV[3], 'e', string.format('%.0f', written), 'r', ARGV[index])
end
local newest = string.match(id, '%-(%d+)$')
redis.call('HSET', KEYS[2], 'newest', newest, 'written', string.format('%.0f', written))
return tonumber(newest)
