-- release: give a claimed work back, to be claimed again now or after a delay.
-- ARGV: prefix, work, token, delay in ms, what it was: "attempt", "outage" (of a model) or "nothing", attempts allowed,
--       reason.
-- Returns "waiting", "failed" (attempts are used up) or "stale" (the lease was lost meanwhile).
local work, token, delay, what = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

-- So many other works get done between two outages that a work meets, and it is the work: a prompt that a server
-- answers with 500 whenever it comes. An outage that everybody meets lets nothing be done, and never counts.
local OTHERS_DONE = 20

local function is_its_own_fault()
  local done = tonumber(redis.call('HGET', prefix .. 'tallies', 'committed') or 0)
  local since = tonumber(redis.call('HGET', chunk_key(work), 'outage') or done)
  local is_fault = done - since >= OTHERS_DONE
  redis.call('HSET', chunk_key(work), 'outage', is_fault and done or since)
  return is_fault
end

local function tell_what_holds_it_up(id, reason)
  local record = lecture_key(id)
  if redis.call('HGET', record, 'failed') ~= '0' or redis.call('HGET', record, 'problem') == reason then return end
  redis.call('HSET', record, 'problem', reason)
  touch(id)
end

if not holds(work, token) then return 'stale' end
local attempt = tonumber(redis.call('HGET', chunk_key(work), 'attempt'))
if what == 'nothing' or (what == 'outage' and not is_its_own_fault()) then
  redis.call('HINCRBY', chunk_key(work), 'attempt', -1)
elseif attempt >= tonumber(ARGV[6]) then
  fail(work, ARGV[7])
  return 'failed'
end
forget(work)
redis.call('HSET', chunk_key(work), 'failure', ARGV[7])
if what == 'outage' then tell_what_holds_it_up((split(work)), ARGV[7]) end
if delay > 0 then
  redis.call('HSET', chunk_key(work), 'state', 'delayed')
  redis.call('HDEL', chunk_key(work), 'token')
  redis.call('ZADD', prefix .. 'delayed', now + delay, work)
else
  wait(work)
end
return 'waiting'
