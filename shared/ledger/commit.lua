-- commit: store what came of a claimed work; only under the lease that counts, and only once.
-- ARGV: prefix, work, token, result, state of the lecture that a merge ends ("" for a chunk), what is wrong with it or "".
-- Returns 1, also if this token's commit was stored before; 0 if the lease was lost: then nothing is written.
local work, token, result, state = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local id, index = split(work)
if redis.call('HGET', chunk_key(work), 'by') == token then return 1 end
if not holds(work, token) or is_over(id) then
  tally('refused')
  return 0
end
forget(work)
redis.call('HDEL', chunk_key(work), 'token', 'failure')
redis.call('HSET', chunk_key(work), 'state', 'done', 'by', token, 'ended', now)
tally('committed')
if redis.call('HGET', lecture_key(id), 'failed') == '0' then
  redis.call('HDEL', lecture_key(id), 'problem') -- what held it up is over
end
if index == 'merge' then
  -- A retry makes the outline anew beside what somebody made of it by hand, never over it.
  local edited = redis.call('EXISTS', prefix .. 'made:' .. id) == 1
  redis.call('SET', prefix .. (edited and 'made:' or 'outline:') .. id, result, 'PX', math.max(1, redis.call('PTTL', lecture_key(id))))
  if ARGV[6] ~= '' then redis.call('HSET', lecture_key(id), 'problem', ARGV[6]) end
  finish(id, state)
else
  redis.call('HSET', chunk_key(work), 'outline', result)
  count(id, 'done')
end
return 1
