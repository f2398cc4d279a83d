-- renew: keep leases alive. ARGV: prefix, lease in ms, then work and token by turns.
-- Returns the works whose lease was lost.
local lost = {}
for i = 3, #ARGV, 2 do
  local work = ARGV[i]
  if holds(work, ARGV[i + 1]) and not is_over((split(work))) then
    redis.call('ZADD', prefix .. 'leases', now + tonumber(ARGV[2]), work)
  else
    lost[#lost + 1] = work
  end
end
return lost
