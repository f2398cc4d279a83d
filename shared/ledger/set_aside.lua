-- set_aside: money for one call before it is made, unless the batch's budget does not reach for it.
-- ARGV: prefix, batch, lecture, budget, likely cost; both in US dollars.
-- Returns what is spent with it, or before it: {1 if it was set aside, dollars as text}.
local spent_key = ARGV[1] .. 'spent:' .. ARGV[2]
local spent = redis.call('GET', spent_key) or '0'
if tonumber(spent) + tonumber(ARGV[5]) > tonumber(ARGV[4]) then return { 0, spent } end
spent = redis.call('INCRBYFLOAT', spent_key, ARGV[5])
redis.call('PEXPIRE', spent_key, math.max(1, redis.call('PTTL', ARGV[1] .. 'lecture:' .. ARGV[3])))
return { 1, spent }
