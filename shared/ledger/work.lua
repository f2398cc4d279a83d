-- What the scripts share: the moves that a work and its lecture can make, and how readers learn of them.
-- A work is "LECTURE/INDEX"; the index is `merge` for the lecture's merge. shared/keys.py declares the keys.
local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local MERGE_TOKENS = 1500
local EVENTS_KEPT = 5000

local function split(work) return string.match(work, '^(.*)/([^/]+)$') end
local function chunk_key(work) return prefix .. 'chunk:' .. work end
local function lecture_key(id) return prefix .. 'lecture:' .. id end
local function batch_key(id) return prefix .. 'batch-record:' .. id end

local function tally(what) redis.call('HINCRBY', prefix .. 'tallies', what, 1) end

-- An event is numbered by the version that it makes, so that a reader who knows one has missed none before it.
local function announce(of, version, event, ttl)
  local stream = prefix .. 'events:' .. of
  redis.call('XADD', stream, 'MAXLEN', '~', EVENTS_KEPT, version .. '-0', 'event', cjson.encode(event))
  redis.call('PEXPIRE', stream, math.max(1, ttl))
  redis.call('PUBLISH', prefix .. 'changes', of)
end

local function announce_to_batch(batch, event)
  local record = batch_key(batch)
  if redis.call('EXISTS', record) == 0 then return end
  redis.call('HSET', record, 'updated', now)
  announce(batch, redis.call('HINCRBY', record, 'version', 1), event, redis.call('PTTL', record))
end

local function touch(id) -- every change that a reader can see makes a new version, and an event of it
  local record = lecture_key(id)
  local version = redis.call('HINCRBY', record, 'version', 1)
  redis.call('HSET', record, 'updated', now)
  local batch, state, chunks, done, failed = unpack(
    redis.call('HMGET', record, 'batch', 'state', 'chunks', 'done', 'failed'))
  local event = { lecture = id, state = state, version = version, at = now,
    chunks = tonumber(chunks), done = tonumber(done), failed = tonumber(failed) }
  announce(id, version, event, redis.call('PTTL', record))
  announce_to_batch(batch, event)
end

local function is_over(id)
  local state = redis.call('HGET', lecture_key(id), 'state')
  return not state or (state ~= 'queued' and state ~= 'running')
end

local function works_of(id) -- all its works, the merge last
  local works = {}
  for i = 1, tonumber(redis.call('HGET', lecture_key(id), 'chunks') or 0) do works[i] = id .. '/' .. (i - 1) end
  works[#works + 1] = id .. '/merge'
  return works
end

-- A client that comes back starts level with whoever is served least, not with the credit of its idle time.
local function in_line(client)
  local least = redis.call('ZRANGE', prefix .. 'clients', 0, 0, 'WITHSCORES')
  redis.call('ZADD', prefix .. 'clients', 'NX', least[2] or 0, client)
end

-- Makes a work claimable: higher priorities first, then older lectures, then earlier chunks. A suspect is tried alone.
local function wait(work, is_suspect)
  local id, index = split(work)
  local client, order, priority = unpack(redis.call('HMGET', lecture_key(id), 'client', 'order', 'priority'))
  if not client or redis.call('EXISTS', chunk_key(work)) == 0 then return end
  redis.call('HSET', chunk_key(work), 'state', 'waiting')
  redis.call('HDEL', chunk_key(work), 'token')
  local place = order * 100000 + (tonumber(index) or 99999) - (tonumber(priority) or 0) * 1e14
  if is_suspect then return redis.call('ZADD', prefix .. 'suspects', place, work) end
  redis.call('ZADD', prefix .. 'waiting:' .. client, place, work)
  in_line(client)
end

local function holds(work, token) -- whether the caller's lease is still the one that counts
  return redis.call('HGET', chunk_key(work), 'token') == token
end

local function forget(work) -- nobody has it under way, and nobody is to
  local client = redis.call('HGET', lecture_key((split(work))), 'client')
  redis.call('ZREM', prefix .. 'leases', work)
  redis.call('ZREM', prefix .. 'delayed', work)
  redis.call('ZREM', prefix .. 'suspects', work)
  if not client then return end
  redis.call('ZREM', prefix .. 'waiting:' .. client, work)
  redis.call('ZREM', prefix .. 'under-way:' .. client, work)
end

local function stop(id) -- take all unfinished works of a lecture out of circulation; late results will be refused
  for _, work in ipairs(works_of(id)) do
    local state = redis.call('HGET', chunk_key(work), 'state')
    if state and state ~= 'done' and state ~= 'failed' then
      forget(work)
      redis.call('HDEL', chunk_key(work), 'token')
      redis.call('HSET', chunk_key(work), 'state', 'stopped')
    end
  end
end

local function recount(id, before, after) -- the batch counts its lectures by their state
  local record = batch_key(redis.call('HGET', lecture_key(id), 'batch'))
  if redis.call('EXISTS', record) == 0 then return end
  if before then redis.call('HINCRBY', record, before, -1) end
  if after then redis.call('HINCRBY', record, after, 1) end
end

local function finish(id, state)
  local record = lecture_key(id)
  recount(id, redis.call('HGET', record, 'state'), state)
  redis.call('HSET', record, 'state', state)
  tally('lectures:' .. state)
  if state == 'running' then redis.call('HSET', record, 'began', now, 'kept', redis.call('HGET', record, 'done')) end
  touch(id)
  if state ~= 'running' then tell(prefix, now, id, state) end -- see webhooks.lua
end

local function make_merge_due(id)
  local merge = id .. '/merge'
  redis.call('HSET', chunk_key(merge), 'attempt', 0, 'tokens', MERGE_TOKENS)
  redis.call('PEXPIRE', chunk_key(merge), math.max(1, redis.call('PTTL', lecture_key(id))))
  wait(merge)
end

local function count(id, outcome) -- one chunk has ended; the last one makes the merge due
  local record = lecture_key(id)
  redis.call('HINCRBY', record, outcome, 1)
  local chunks, done, failed = unpack(redis.call('HMGET', record, 'chunks', 'done', 'failed'))
  if done + failed < tonumber(chunks) then return touch(id) end
  if tonumber(done) == 0 then return finish(id, 'failed') end
  touch(id)
  make_merge_due(id)
end

local function fail(work, reason)
  local id, index = split(work)
  -- A chunk that was asked for once more may have a stand-in from before, which is better than a hole.
  local has_stand_in = redis.call('HEXISTS', chunk_key(work), 'outline') == 1
  redis.call('HSET', chunk_key(work), 'state', has_stand_in and 'done' or 'failed', 'failure', reason)
  redis.call('HDEL', chunk_key(work), 'token')
  forget(work)
  if is_over(id) then return end
  if has_stand_in then return count(id, 'done') end
  redis.call('HSET', lecture_key(id), 'problem', index == 'merge' and 'the merge failed: ' .. reason or reason)
  if index ~= 'merge' then return count(id, 'failed') end
  finish(id, 'failed')
end

local function keep(id, ttl) -- a lecture and all that belongs to it, its batch included, live for so long from now
  local client, batch = unpack(redis.call('HMGET', lecture_key(id), 'client', 'batch'))
  local keys = { lecture_key(id), batch_key(batch), prefix .. 'lectures:' .. client, prefix .. 'batches:' .. client }
  for _, name in ipairs({ 'cues:' .. id, 'outline:' .. id, 'made:' .. id, 'events:' .. id }) do
    keys[#keys + 1] = prefix .. name
  end
  for _, name in ipairs({ 'batch:' .. batch, 'events:' .. batch }) do keys[#keys + 1] = prefix .. name end
  for _, work in ipairs(works_of(id)) do keys[#keys + 1] = chunk_key(work) end
  for _, key in ipairs(keys) do
    if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
  end
  for _, of in ipairs({ id, batch }) do
    if redis.call('PTTL', prefix .. 'tombstone:' .. of) < 2 * ttl then
      redis.call('PEXPIRE', prefix .. 'tombstone:' .. of, 2 * ttl)
    end
  end
end
