-- renew: keep leases alive. ARGV: prefix, lease in ms, then work and token by turns.
-- Returns the tokens whose lease was lost.
local lost, expires = {}, now + tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  local work = ARGV[i]
  local id = split(work)
  if holds(work, ARGV[i + 1]) and not is_over(id) then
    local mine = prefix .. 'under-way:' .. redis.call('HGET', lecture_key(id), 'client')
    redis.call('ZADD', prefix .. 'leases', expires, work)
    redis.call('ZADD', mine, expires, work)
    redis.call('PEXPIRE', mine, ARGV[2])
  else
    lost[#lost + 1] = ARGV[i + 1]
  end
end
return lost
