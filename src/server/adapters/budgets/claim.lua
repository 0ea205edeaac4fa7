-- Charges the clicks of one campaign, one after another, as long as day, total and balance allow.
-- KEYS: the campaign's view, its claims, their offsets. ARGV: fence, sequence, version of the limits, daily cap, total cap
-- or nothing, balance, settled offset, oldest day to keep, then of each click its key, price, day, offset and row.
-- Answers a code for the claim (0 claimed, 1 fenced, 2 unknown, 3 older, 4 unexpected), then one for each click
-- (0 charged, 1 daily cap, 2 total cap, 3 no balance, 4 charged before).
local view, claims, offsets = KEYS[1], KEYS[2], KEYS[3]

local known = redis.call('HMGET', view, 'fence', 'sequence', 'total')
if not known[1] then
  return {2}
end
local fence = tonumber(known[1])
if fence > tonumber(ARGV[1]) then
  return {1}
end
if fence < tonumber(ARGV[1]) then
  return {3}
end
if tonumber(known[2]) ~= tonumber(ARGV[2]) then
  return {4}
end

local daily, total, balance = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local spent = tonumber(known[3])
local days = {}
local answers = {0}

local function spent_on(day)
  if not days[day] then
    days[day] = tonumber(redis.call('HGET', view, 'day:' .. day) or '0')
  end
  return days[day]
end

for index = 9, #ARGV, 5 do
  local key, price, day = ARGV[index], tonumber(ARGV[index + 1]), ARGV[index + 2]
  local claim = table.concat({ARGV[index + 3], ARGV[index + 4], ARGV[index + 1], day}, ':')
  local held = redis.call('HGET', claims, key)
  local code
  if held then
    code = held == claim and 0 or 4
  elseif spent_on(day) + price > daily then
    code = 1
  elseif total and spent + price > total then
    code = 2
  elseif spent + price > balance then
    code = 3
  else
    code = 0
    days[day] = days[day] + price
    spent = spent + price
    redis.call('HSET', claims, key, claim)
    redis.call('ZADD', offsets, ARGV[index + 3], key)
  end
  answers[#answers + 1] = code
end

redis.call('HSET', view, 'sequence', string.format('%.0f', tonumber(ARGV[2]) + 1), 'limits', ARGV[3],
  'total', string.format('%.0f', spent))
for day, cents in pairs(days) do
  if redis.call('HSET', view, 'day:' .. day, string.format('%.0f', cents)) == 1 then
    for _, field in ipairs(redis.call('HKEYS', view)) do
      if string.sub(field, 1, 4) == 'day:' and string.sub(field, 5) < ARGV[8] then
        redis.call('HDEL', view, field)
      end
    end
  end
end

local settled = redis.call('ZRANGEBYSCORE', offsets, '-inf', ARGV[7], 'LIMIT', 0, 1000)
if #settled > 0 then
  redis.call('HDEL', claims, unpack(settled))
  redis.call('ZREM', offsets, unpack(settled))
end
for _, key in ipairs(KEYS) do
  redis.call('EXPIRE', key, 691200)
end
return answers
