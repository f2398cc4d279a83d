-- claim: the next work of the client that has been served least, if a model has room for it now.
-- ARGV: prefix, token, lease in ms, endpoints as JSON (see limiter.lua).
-- Returns {"work", work, attempt, endpoint, reserved tokens} | {"wait", ms} | {"none"}.
local token, lease, endpoints = ARGV[2], tonumber(ARGV[3]), cjson.decode(ARGV[4])

local function next_work()
  while true do
    local first = redis.call('ZRANGE', prefix .. 'clients', 0, 0)
    if not first[1] then return nil end
    local client = first[1]
    local work = redis.call('ZRANGE', prefix .. 'waiting:' .. client, 0, 0)[1]
    if not work then
      redis.call('ZREM', prefix .. 'clients', client)
    elseif is_over((split(work))) then -- cancelled or expired while it waited
      redis.call('ZREM', prefix .. 'waiting:' .. client, work)
    else
      return client, work
    end
  end
end

local client, work = next_work()
if not work then return { 'none' } end
local tokens = tonumber(redis.call('HGET', chunk_key(work), 'tokens')) or 0
local pause, endpoint = limiter_take(now, token, tokens, endpoints)
if pause > 0 then return { 'wait', pause } end

redis.call('ZREM', prefix .. 'waiting:' .. client, work)
redis.call('ZINCRBY', prefix .. 'clients', math.max(1, tokens), client)
redis.call('ZADD', prefix .. 'leases', now + lease, work)
-- Counted before the work begins: a chunk that kills its worker is counted all the same.
local attempt = redis.call('HINCRBY', chunk_key(work), 'attempt', 1)
redis.call('HSET', chunk_key(work), 'state', 'claimed', 'token', token)
local id = split(work)
if redis.call('HGET', lecture_key(id), 'state') == 'queued' then finish(id, 'running') end
return { 'work', work, attempt, endpoint, tokens }
