-- What the end of a lecture tells its client's address: written in the step that ends it, so that no kill can lose it.
-- A webhook is a hash `webhook:ID` (see shared/webhooks.py); it waits in `webhooks`, by when it is due.
local WEBHOOK_KEPT = 7 * 86400000 -- the last attempt is made after three days; then there is time to look at it

local function post(prefix, now, id, to, type, told)
  local webhook = prefix .. 'webhook:' .. id
  redis.call('HSET', webhook, 'id', id, 'client', to.client, 'url', to.url, 'type', type, 'told', cjson.encode(told),
    'created', now, 'state', 'waiting', 'attempts', 0)
  redis.call('PEXPIRE', webhook, WEBHOOK_KEPT)
  redis.call('ZADD', prefix .. 'webhooks', now, id)
  local mine = prefix .. 'webhooks:of:' .. to.client
  redis.call('ZREMRANGEBYSCORE', mine, '-inf', now - WEBHOOK_KEPT)
  redis.call('ZADD', mine, now, id)
  redis.call('PEXPIRE', mine, WEBHOOK_KEPT)
end

local function ended_states(prefix, batch) -- how many of its lectures ended how; nil if any has not
  local counts = { done = 0, incomplete = 0, failed = 0, cancelled = 0 }
  local lectures = redis.call('LRANGE', prefix .. 'batch:' .. batch, 0, -1)
  for i = #lectures, 1, -1 do -- from the end: what was handed in last ends last, so one look mostly answers
    local state = redis.call('HGET', prefix .. 'lecture:' .. lectures[i], 'state')
    if state == 'queued' or state == 'running' then return nil end
    if state then counts[state] = counts[state] + 1 end
  end
  return counts
end

local function tell(prefix, now, lecture, state)
  local url, client, batch, name, version, problem = unpack(redis.call('HMGET', prefix .. 'lecture:' .. lecture,
    'webhook', 'client', 'batch', 'name', 'version', 'problem'))
  if not url or url == '' then return end
  if redis.call('HEXISTS', prefix .. 'webhooks:disabled:' .. client, url) == 1 then return end
  local to, id = { client = client, url = url }, 'msg_' .. lecture .. '_' .. version
  if state ~= 'cancelled' then -- who cancelled it knows
    local told = { id = lecture, batch = batch, name = name, state = state, version = tonumber(version) }
    if state == 'failed' then told.problem = problem or '' end
    post(prefix, now, id, to, 'lecture.' .. state, told)
  end
  local counts = ended_states(prefix, batch)
  if counts then post(prefix, now, id .. '_batch', to, 'batch.done', { id = batch, lectures = counts }) end
end
