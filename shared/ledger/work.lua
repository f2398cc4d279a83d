-- What the scripts about claimed work share: the moves that a chunk and its lecture can make.
-- A work is "LECTURE/INDEX"; the index is `merge` for the lecture's merge.
local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function split(work) return string.match(work, '^(.*)/([^/]+)$') end
local function chunk_key(work) return prefix .. 'chunk:' .. work end
local function lecture_key(id) return prefix .. 'lecture:' .. id end

local function touch(id) -- every change that a reader can see makes a new version
  redis.call('HINCRBY', lecture_key(id), 'version', 1)
  redis.call('HSET', lecture_key(id), 'updated', now)
end

local function is_over(id)
  local state = redis.call('HGET', lecture_key(id), 'state')
  return not state or (state ~= 'queued' and state ~= 'running')
end

local function wait(work) -- make a work claimable
  local id, index = split(work)
  local client, order = unpack(redis.call('HMGET', lecture_key(id), 'client', 'order'))
  if not client then return end
  redis.call('HSET', chunk_key(work), 'state', 'waiting')
  redis.call('HDEL', chunk_key(work), 'token')
  redis.call('ZADD', prefix .. 'waiting:' .. client, order * 100000 + (tonumber(index) or 99999), work)
  local least = redis.call('ZRANGE', prefix .. 'clients', 0, 0, 'WITHSCORES')
  redis.call('ZADD', prefix .. 'clients', 'NX', least[2] or 0, client)
end

local function holds(work, token) -- whether the caller's lease is still the one that counts
  return redis.call('HGET', chunk_key(work), 'token') == token
end

local function forget(work)
  redis.call('ZREM', prefix .. 'leases', work)
  redis.call('ZREM', prefix .. 'delayed', work)
end

local function finish(id, state)
  redis.call('HSET', lecture_key(id), 'state', state)
  touch(id)
  if state ~= 'running' then tell(prefix, now, id, state) end -- see webhooks.lua
end

local function count(id, outcome) -- one chunk has ended; the last one makes the merge due
  local record = lecture_key(id)
  redis.call('HINCRBY', record, outcome, 1)
  touch(id)
  local chunks, done, failed = unpack(redis.call('HMGET', record, 'chunks', 'done', 'failed'))
  if done + failed < tonumber(chunks) then return end
  if tonumber(done) == 0 then return finish(id, 'failed') end
  local merge = id .. '/merge'
  redis.call('HSET', chunk_key(merge), 'attempt', 0, 'tokens', 1500)
  redis.call('PEXPIRE', chunk_key(merge), math.max(1, redis.call('PTTL', record)))
  wait(merge)
end

local function fail(work, reason)
  local id, index = split(work)
  redis.call('HSET', chunk_key(work), 'state', 'failed', 'failure', reason)
  redis.call('HDEL', chunk_key(work), 'token')
  forget(work)
  if is_over(id) then return end
  redis.call('HSET', lecture_key(id), 'problem', index == 'merge' and 'the merge failed: ' .. reason or reason)
  if index ~= 'merge' then return count(id, 'failed') end
  finish(id, 'failed')
end
