-- edit: put another outline in an ended lecture's place; the one that was made is kept beside it.
-- ARGV: prefix, lecture, the version that was edited, outline, ttl in ms: the lecture is kept for so long from now.
-- Returns the new version, 0 if there is no such lecture or outline, -1 if another version is there by now.
local id, ttl = ARGV[2], tonumber(ARGV[5])
local outline, made = prefix .. 'outline:' .. id, prefix .. 'made:' .. id
if not is_over(id) or redis.call('EXISTS', outline) == 0 then return 0 end
if redis.call('HGET', lecture_key(id), 'version') ~= ARGV[3] then return -1 end
redis.call('SET', made, redis.call('GET', outline), 'PX', ttl, 'NX')
redis.call('SET', outline, ARGV[4], 'PX', ttl)
keep(id, ttl)
redis.call('HSET', lecture_key(id), 'edited', now)
touch(id)
return tonumber(redis.call('HGET', lecture_key(id), 'version'))
