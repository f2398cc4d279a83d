-- cancel: end a lecture at its client's wish. ARGV: prefix, lecture.
-- Returns the state it is in now, or nil if there is none. What is under way is told by `renew`, and refused by `commit`.
local id = ARGV[2]
if redis.call('EXISTS', lecture_key(id)) == 0 then return nil end
if not is_over(id) then
  stop(id)
  redis.call('HDEL', lecture_key(id), 'problem') -- nothing holds it up any more
  finish(id, 'cancelled')
end
return redis.call('HGET', lecture_key(id), 'state')
