-- release: give a claimed work back, to be claimed again now or after a delay.
-- ARGV: prefix, work, token, delay in ms, "1" if this was an attempt that counts, attempts allowed, reason.
-- Returns "waiting", "failed" (attempts are used up) or "stale" (the lease was lost meanwhile).
local work, token, delay = ARGV[2], ARGV[3], tonumber(ARGV[4])
if not holds(work, token) then return 'stale' end
local attempt = tonumber(redis.call('HGET', chunk_key(work), 'attempt'))
if ARGV[5] ~= '1' then
  redis.call('HINCRBY', chunk_key(work), 'attempt', -1)
elseif attempt >= tonumber(ARGV[6]) then
  fail(work, ARGV[7])
  return 'failed'
end
forget(work)
redis.call('HSET', chunk_key(work), 'failure', ARGV[7])
if delay > 0 then
  redis.call('HSET', chunk_key(work), 'state', 'delayed')
  redis.call('HDEL', chunk_key(work), 'token')
  redis.call('ZADD', prefix .. 'delayed', now + delay, work)
else
  wait(work)
end
return 'waiting'
