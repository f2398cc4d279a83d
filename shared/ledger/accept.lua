-- accept: a batch, its lectures and all their chunks, in one atomic step; or nothing, if its key was used before.
-- ARGV: prefix, client, batch, ttl in ms, idempotency key or "", digest of the request,
--       lectures as JSON [{id, fields: {..}, chunks: [{tokens, spec}]}], then each lecture's packed cues.
-- Returns {"accepted", batch} | {"repeated", batch} | {"conflict", batch}.
local client, batch, ttl, key, digest = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]

-- Outlives what it stands for: then there is still somebody to say that it was there.
local function bury_later(id) redis.call('SET', prefix .. 'tombstone:' .. id, client, 'PX', 2 * ttl) end

local function prune(list, kind) -- entries of what has expired, the oldest first
  for _, id in ipairs(redis.call('ZRANGE', list, 0, 99)) do
    if redis.call('EXISTS', prefix .. kind .. id) == 1 then return end
    redis.call('ZREM', list, id)
  end
end

local function list(name, kind, order, id)
  redis.call('ZADD', prefix .. name .. client, order, id)
  redis.call('PEXPIRE', prefix .. name .. client, ttl)
  prune(prefix .. name .. client, kind)
end

local function write_lecture(lecture, cues)
  local id, record = lecture.id, lecture_key(lecture.id)
  local order = redis.call('INCR', prefix .. 'order')
  redis.call('HSET', record, 'id', id, 'client', client, 'batch', batch, 'state', 'queued', 'version', 0,
    'chunks', #lecture.chunks, 'done', 0, 'failed', 0, 'order', order, 'created', now, 'updated', now)
  for name, value in pairs(lecture.fields) do redis.call('HSET', record, name, value) end
  redis.call('PEXPIRE', record, ttl)
  redis.call('SET', prefix .. 'cues:' .. id, cues, 'PX', ttl)
  for i, chunk in ipairs(lecture.chunks) do
    local work = id .. '/' .. (i - 1)
    redis.call('HSET', chunk_key(work), 'attempt', 0, 'tokens', chunk.tokens, 'spec', chunk.spec)
    redis.call('PEXPIRE', chunk_key(work), ttl)
    wait(work)
  end
  redis.call('RPUSH', prefix .. 'batch:' .. batch, id)
  list('lectures:', 'lecture:', order, id)
  bury_later(id)
  touch(id)
end

if redis.call('EXISTS', batch_key(batch)) == 1 then return { 'repeated', batch } end -- the same request, sent again
if key ~= '' then
  local once = prefix .. 'idempotency:' .. client .. ':' .. key
  local before = redis.call('GET', once)
  if before then
    local known = cjson.decode(before)
    return { known.digest == digest and 'repeated' or 'conflict', known.batch }
  end
  redis.call('SET', once, cjson.encode({ batch = batch, digest = digest }), 'PX', ttl)
end

local lectures, chunks = cjson.decode(ARGV[7]), 0
for _, lecture in ipairs(lectures) do chunks = chunks + #lecture.chunks end
redis.call('HSET', batch_key(batch), 'id', batch, 'client', client, 'version', 0, 'lectures', #lectures,
  'chunks', chunks, 'queued', #lectures, 'created', now, 'updated', now)
redis.call('PEXPIRE', batch_key(batch), ttl)
list('batches:', 'batch-record:', redis.call('INCR', prefix .. 'order'), batch)
bury_later(batch)
for n, lecture in ipairs(lectures) do
  write_lecture(lecture, ARGV[7 + n])
  tally('accepted')
end
redis.call('PEXPIRE', prefix .. 'batch:' .. batch, ttl)
return { 'accepted', batch }
