-- retry: the failed chunks of an ended lecture once more; those that are done stay done. ARGV: prefix, lecture.
-- Returns how many chunks wait again, or -1 if the lecture has not ended badly.
local id = ARGV[2]
local record = lecture_key(id)
local state = redis.call('HGET', record, 'state')
if state ~= 'incomplete' and state ~= 'failed' and state ~= 'cancelled' then return -1 end
redis.call('HSET', record, 'state', 'running', 'failed', 0)
redis.call('HDEL', record, 'problem')
touch(id)
local again = 0
for i = 0, redis.call('HGET', record, 'chunks') - 1 do
  local work = id .. '/' .. i
  if redis.call('HGET', chunk_key(work), 'state') ~= 'done' then
    redis.call('HSET', chunk_key(work), 'attempt', 0)
    forget(work)
    wait(work)
    again = again + 1
  end
end
if again == 0 then -- only the merge failed
  redis.call('HSET', chunk_key(id .. '/merge'), 'attempt', 0)
  wait(id .. '/merge')
end
return again
