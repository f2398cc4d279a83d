-- claim: the next work of the client that has been served least, if a model has room for it now.
-- ARGV: prefix, token, lease in ms, endpoints as JSON (see limiter.lua), most works of a client under way (0: any).
-- Returns {"work", work, attempt, endpoint, reserved tokens} | {"wait", ms} | {"none"}.
local token, lease, endpoints, most = ARGV[2], tonumber(ARGV[3]), cjson.decode(ARGV[4]), tonumber(ARGV[5])

-- How soon a client whose works under way are as many as it may have is looked at again.
local FULL_MS = 250

local function first_of(client) -- what has expired while it waited is dropped
  while true do
    local work = redis.call('ZRANGE', prefix .. 'waiting:' .. client, 0, 0)[1]
    if not work then
      redis.call('ZREM', prefix .. 'clients', client)
      return nil
    end
    if not is_over((split(work))) then return work end
    redis.call('ZREM', prefix .. 'waiting:' .. client, work)
  end
end

local function has_room(client)
  return most == 0 or redis.call('ZCOUNT', prefix .. 'under-way:' .. client, now, '+inf') < most
end

local function next_work() -- client, work; or whether some are held back
  local at, held_back = 0, false
  while true do
    local client = redis.call('ZRANGE', prefix .. 'clients', at, at)[1]
    if not client then return nil, held_back end
    local work = first_of(client)
    if work and has_room(client) then return client, work end
    if work then at, held_back = at + 1, true end
  end
end

local function lease_out(client, work, tokens)
  redis.call('ZREM', prefix .. 'waiting:' .. client, work)
  redis.call('ZINCRBY', prefix .. 'clients', math.max(1, tokens), client)
  redis.call('ZADD', prefix .. 'leases', now + lease, work)
  redis.call('ZREMRANGEBYSCORE', prefix .. 'under-way:' .. client, '-inf', now)
  redis.call('ZADD', prefix .. 'under-way:' .. client, now + lease, work)
  redis.call('PEXPIRE', prefix .. 'under-way:' .. client, lease)
  redis.call('HSET', chunk_key(work), 'state', 'claimed', 'token', token)
  local id = split(work)
  if redis.call('HGET', lecture_key(id), 'state') == 'queued' then finish(id, 'running') end
end

-- A worker whose answer was lost on the way asks again under the same token, and gets the same answer.
local before = redis.call('GET', prefix .. 'claim:' .. token)
if before then return cjson.decode(before) end

local client, work = next_work()
if not client then return work and { 'wait', FULL_MS } or { 'none' } end
local tokens = tonumber(redis.call('HGET', chunk_key(work), 'tokens')) or 0
local pause, endpoint = limiter_take(now, token, tokens, endpoints)
if pause > 0 then return { 'wait', pause } end
lease_out(client, work, tokens)
-- Counted before the work begins: a chunk that kills its worker is counted all the same.
local attempt = redis.call('HINCRBY', chunk_key(work), 'attempt', 1)
local answer = { 'work', work, attempt, endpoint, tokens }
redis.call('SET', prefix .. 'claim:' .. token, cjson.encode(answer), 'PX', lease)
tally('claimed')
return answer
