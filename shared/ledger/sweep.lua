-- sweep: what is due goes back to waiting: expired leases and delays that are over.
-- ARGV: prefix, attempts allowed, at most how many of each. Returns {taken from the dead, given up, waiting in all}.
local attempts, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local taken, given_up = 0, 0
for _, work in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'leases', '-inf', now, 'LIMIT', 0, most)) do
  forget(work)
  local attempt = tonumber(redis.call('HGET', chunk_key(work), 'attempt'))
  if attempt and attempt >= attempts then
    fail(work, 'its worker died or hung ' .. attempt .. ' times')
    given_up = given_up + 1
  elseif attempt and not is_over((split(work))) then
    wait(work)
    taken = taken + 1
  end
end
for _, work in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'delayed', '-inf', now, 'LIMIT', 0, most)) do
  redis.call('ZREM', prefix .. 'delayed', work)
  wait(work)
end
local waiting = 0
for _, client in ipairs(redis.call('ZRANGE', prefix .. 'clients', 0, -1)) do
  waiting = waiting + redis.call('ZCARD', prefix .. 'waiting:' .. client)
end
return { taken, given_up, waiting }
