-- retry: the failed chunks of an ended lecture once more; those that are done stay done.
-- ARGV: prefix, lecture, ttl in ms: it is kept for so long from now, options in place of its own, as JSON ("" for none),
--       "1" if chunks that the offline model stood in for are done once more as well.
-- Returns how many chunks wait again (0: only the merge does), or -1 if there is nothing to do again.
local id, ttl, with_stand_ins = ARGV[2], tonumber(ARGV[3]), ARGV[5] == '1'
local record = lecture_key(id)

local function was_stood_in_for(work)
  local outline = redis.call('HGET', chunk_key(work), 'outline')
  return outline and (cjson.decode(outline).degraded or '') ~= ''
end

local function to_do_again()
  local works, is_any_stood_in = {}, false
  for i = 0, tonumber(redis.call('HGET', record, 'chunks')) - 1 do
    local work = id .. '/' .. i
    local is_done = redis.call('HGET', chunk_key(work), 'state') == 'done'
    local is_stood_in = is_done and with_stand_ins and was_stood_in_for(work)
    if is_stood_in or not is_done then works[#works + 1] = work end
    is_any_stood_in = is_any_stood_in or is_stood_in
  end
  return works, is_any_stood_in
end

local state = redis.call('HGET', record, 'state')
if not state or state == 'queued' or state == 'running' then return -1 end
local works, is_any_stood_in = to_do_again()
if state == 'done' and not is_any_stood_in then return -1 end
keep(id, ttl)
if ARGV[4] ~= '' then redis.call('HSET', record, 'options', ARGV[4]) end
-- What was asked for anew on purpose is not to be answered by the very replies that could not be used.
if is_any_stood_in then redis.call('HINCRBY', record, 'anew', 1) end
redis.call('DEL', chunk_key(id .. '/merge')) -- with it goes the lease of a merge that somebody may still be at
for _, work in ipairs(works) do
  forget(work)
  redis.call('HSET', chunk_key(work), 'attempt', 0)
  wait(work)
end
redis.call('HDEL', record, 'problem')
redis.call('HSET', record, 'done', tonumber(redis.call('HGET', record, 'chunks')) - #works, 'failed', 0)
finish(id, 'running')
if #works == 0 then make_merge_due(id) end
return #works
