-- commit: store what came of a claimed work; only under the lease that counts, and only once.
-- ARGV: prefix, work, token, result, state of the lecture that a merge ends ("" for a chunk).
-- Returns 1, or 0 if the lease was lost meanwhile: then nothing is written.
local work, token, result, state = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not holds(work, token) then return 0 end
local id, index = split(work)
forget(work)
redis.call('HDEL', chunk_key(work), 'token')
redis.call('HSET', chunk_key(work), 'state', 'done')
if is_over(id) then return 0 end
if index == 'merge' then
  redis.call('SET', prefix .. 'outline:' .. id, result, 'PX', math.max(1, redis.call('PTTL', lecture_key(id))))
  finish(id, state)
else
  redis.call('HSET', chunk_key(work), 'outline', result)
  count(id, 'done')
end
return 1
