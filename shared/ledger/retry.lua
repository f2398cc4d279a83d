-- retry: the failed chunks of an ended lecture once more; those that are done stay done.
-- ARGV: prefix, lecture, ttl in ms: it is kept for so long from now, options in place of its own, as JSON ("" for none).
-- Returns how many chunks wait again (0: only the merge does), or -1 if the lecture has not ended badly.
local id, ttl = ARGV[2], tonumber(ARGV[3])
local record = lecture_key(id)
local state = redis.call('HGET', record, 'state')
if state ~= 'incomplete' and state ~= 'failed' and state ~= 'cancelled' then return -1 end
keep(id, ttl)
if ARGV[4] ~= '' then redis.call('HSET', record, 'options', ARGV[4]) end
redis.call('DEL', chunk_key(id .. '/merge')) -- with it goes the lease of a merge that somebody may still be at
local again, chunks = 0, tonumber(redis.call('HGET', record, 'chunks'))
for i = 0, chunks - 1 do
  local work = id .. '/' .. i
  if redis.call('HGET', chunk_key(work), 'state') ~= 'done' then
    forget(work)
    redis.call('HSET', chunk_key(work), 'attempt', 0)
    wait(work)
    again = again + 1
  end
end
redis.call('HDEL', record, 'problem')
redis.call('HSET', record, 'done', chunks - again, 'failed', 0)
finish(id, 'running')
if again == 0 then make_merge_due(id) end
return again
