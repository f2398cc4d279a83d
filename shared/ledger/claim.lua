-- claim: the next work of the client that has been served least, if a model has room for it now.
-- ARGV: prefix, token, lease in ms, endpoints as JSON (see limiter.lua), most works of a client under way (0: any),
--       the process that asks, how many works it has under way.
-- Returns {"work", work, attempt, endpoint, reserved tokens, 1 if nothing else may be done beside it}
--       | {"alone"}: it has a turn at a suspect, and is to ask again when it has nothing under way | {"wait", ms} | {"none"}.
local token, lease, endpoints, most = ARGV[2], tonumber(ARGV[3]), cjson.decode(ARGV[4]), tonumber(ARGV[5])
local process, busy = ARGV[6], tonumber(ARGV[7])

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

-- A work whose worker died as often as it may, but for once more, is tried alone: whose fault it is is then certain.
-- One process has the turn, until it finds no more suspects.
local function next_suspect()
  while true do
    local work = redis.call('ZRANGE', prefix .. 'suspects', 0, 0)[1]
    if not work then return nil end
    if not is_over((split(work))) then break end
    redis.call('ZREM', prefix .. 'suspects', work)
  end
  local turn = prefix .. 'suspects:turn'
  redis.call('SET', turn, process, 'NX', 'PX', lease)
  if redis.call('GET', turn) ~= process then return nil end
  redis.call('PEXPIRE', turn, lease)
  return redis.call('ZRANGE', prefix .. 'suspects', 0, 0)[1]
end

local function lease_out(client, work, tokens)
  redis.call('ZREM', prefix .. 'waiting:' .. client, work)
  redis.call('ZREM', prefix .. 'suspects', work)
  if redis.call('ZSCORE', prefix .. 'clients', client) then
    redis.call('ZINCRBY', prefix .. 'clients', math.max(1, tokens), client)
  end
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

local work, client = next_suspect(), nil
local alone = work ~= nil
if alone and busy > 0 then return { 'alone' } end
if alone then
  client = redis.call('HGET', lecture_key((split(work))), 'client')
else
  client, work = next_work()
end
if not client then return work and { 'wait', FULL_MS } or { 'none' } end
local tokens = tonumber(redis.call('HGET', chunk_key(work), 'tokens')) or 0
local pause, endpoint = limiter_take(now, token, tokens, endpoints)
if pause > 0 then return { 'wait', pause } end
lease_out(client, work, tokens)
-- Counted before the work begins: a chunk that kills its worker is counted all the same.
local attempt = redis.call('HINCRBY', chunk_key(work), 'attempt', 1)
local answer = { 'work', work, attempt, endpoint, tokens, alone and 1 or 0 }
redis.call('SET', prefix .. 'claim:' .. token, cjson.encode(answer), 'PX', lease)
tally('claimed')
return answer
