-- spend: what a call for a lecture took, added to the lecture's usage; and its cost to what the batch has spent, in
-- place of what was set aside for it. ARGV: prefix, batch, lecture, usage as a JSON object of numbers, dollars to add.
local lecture, spent = ARGV[1] .. 'lecture:' .. ARGV[3], ARGV[1] .. 'spent:' .. ARGV[2]
if redis.call('EXISTS', lecture) == 0 then return end -- removed meanwhile: a field would make it immortal
for name, amount in pairs(cjson.decode(ARGV[4])) do
  if amount ~= 0 then
    redis.call('HINCRBYFLOAT', lecture, 'usage:' .. name, string.format('%.9f', amount))
    redis.call('HINCRBYFLOAT', ARGV[1] .. 'tallies', 'usage:' .. name, string.format('%.9f', amount))
  end
end
redis.call('INCRBYFLOAT', spent, ARGV[5])
redis.call('PEXPIRE', spent, math.max(1, redis.call('PTTL', lecture)))
