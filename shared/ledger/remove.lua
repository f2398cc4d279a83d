-- remove: forget a lecture, its transcript and its outline, whatever it is doing. ARGV: prefix, lecture.
-- Returns 1, or 0 if there is none. Its events stay for an hour, so that those who follow it learn that it is gone.
local id, HOUR = ARGV[2], 3600000
local record = lecture_key(id)
if redis.call('EXISTS', record) == 0 then return 0 end
local was_open = not is_over(id)
stop(id)
recount(id, redis.call('HGET', record, 'state'))
if was_open then tell_of_batch(prefix, now, id) end -- its batch may have waited for nothing else
local client, batch = unpack(redis.call('HMGET', record, 'client', 'batch'))
local version = redis.call('HINCRBY', record, 'version', 1)
for _, work in ipairs(works_of(id)) do redis.call('DEL', chunk_key(work)) end
for _, name in ipairs({ 'lecture:', 'cues:', 'outline:', 'made:' }) do redis.call('DEL', prefix .. name .. id) end
redis.call('ZREM', prefix .. 'lectures:' .. client, id)
redis.call('LREM', prefix .. 'batch:' .. batch, 1, id)
local event = { lecture = id, state = 'removed', version = version, at = now, chunks = 0, done = 0, failed = 0 }
announce(id, version, event, HOUR)
announce_to_batch(batch, event)
return 1
