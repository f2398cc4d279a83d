-- accept: a batch, its lectures and all their chunks, in one atomic step; or nothing, if its key was used before.
-- ARGV: prefix, client, batch, ttl in ms, idempotency key or "", digest of the request,
--       lectures as JSON [{id, fields: {..}, chunks: [{tokens, spec}]}], then each lecture's packed cues.
-- Returns {"accepted", batch} | {"repeated", batch} | {"conflict", batch}.
local prefix, client, batch, ttl, key, digest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local once = prefix .. 'idempotency:' .. client .. ':' .. key
if key ~= '' then
  local before = redis.call('GET', once)
  if before then
    local known = cjson.decode(before)
    return { known.digest == digest and 'repeated' or 'conflict', known.batch }
  end
  redis.call('SET', once, cjson.encode({ batch = batch, digest = digest }), 'PX', ttl)
end

local mine = prefix .. 'lectures:' .. client
for n, lecture in ipairs(cjson.decode(ARGV[7])) do
  local id = lecture.id
  local record = prefix .. 'lecture:' .. id
  local order = redis.call('INCR', prefix .. 'order')
  redis.call('HSET', record, 'id', id, 'client', client, 'batch', batch, 'state', 'queued', 'version', 1,
    'chunks', #lecture.chunks, 'done', 0, 'failed', 0, 'order', order, 'created', now, 'updated', now)
  for name, value in pairs(lecture.fields) do redis.call('HSET', record, name, value) end
  redis.call('PEXPIRE', record, ttl)
  redis.call('SET', prefix .. 'cues:' .. id, ARGV[7 + n], 'PX', ttl)
  for i, chunk in ipairs(lecture.chunks) do
    local work = id .. '/' .. (i - 1)
    redis.call('HSET', prefix .. 'chunk:' .. work, 'state', 'waiting', 'attempt', 0, 'tokens', chunk.tokens, 'spec', chunk.spec)
    redis.call('PEXPIRE', prefix .. 'chunk:' .. work, ttl)
    redis.call('ZADD', prefix .. 'waiting:' .. client, order * 100000 + i, work)
  end
  redis.call('RPUSH', prefix .. 'batch:' .. batch, id)
  redis.call('ZADD', mine, order, id)
end
redis.call('PEXPIRE', prefix .. 'batch:' .. batch, ttl)
redis.call('PEXPIRE', mine, ttl)
-- A client that comes back starts level with whoever is served least, not with the credit of its idle time.
local least = redis.call('ZRANGE', prefix .. 'clients', 0, 0, 'WITHSCORES')
redis.call('ZADD', prefix .. 'clients', 'NX', least[2] or 0, client)
return { 'accepted', batch }
