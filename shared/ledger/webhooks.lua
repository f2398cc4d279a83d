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

local function ended_states(prefix, batch) -- how many of its lectures ended how; nil if any has not, or none is left
  local counts, left, record = {}, 0, prefix .. 'batch-record:' .. batch
  for _, state in ipairs({ 'queued', 'running', 'done', 'incomplete', 'failed', 'cancelled' }) do
    counts[state] = tonumber(redis.call('HGET', record, state)) or 0
    left = left + counts[state]
  end
  if counts.queued + counts.running > 0 or left == 0 then return nil end
  counts.queued, counts.running = nil, nil
  return counts
end

local function whom(prefix, lecture) -- whom to tell of it; nil if nobody wants to know
  local url, client = unpack(redis.call('HMGET', prefix .. 'lecture:' .. lecture, 'webhook', 'client'))
  if not url or url == '' then return nil end
  if redis.call('HEXISTS', prefix .. 'webhooks:disabled:' .. client, url) == 1 then return nil end
  return { client = client, url = url }
end

local function tell_of_batch(prefix, now, lecture) -- if `lecture` was the last one that it waited for
  local to = whom(prefix, lecture)
  if not to then return end
  local batch, version = unpack(redis.call('HMGET', prefix .. 'lecture:' .. lecture, 'batch', 'version'))
  local counts = ended_states(prefix, batch)
  local id = 'msg_' .. lecture .. '_' .. version .. '_batch'
  if counts then post(prefix, now, id, to, 'batch.done', { id = batch, lectures = counts }) end
end

local function tell(prefix, now, lecture, state)
  local to = whom(prefix, lecture)
  if not to then return end
  if state ~= 'cancelled' then -- who cancelled it knows
    local batch, name, version, problem = unpack(redis.call('HMGET', prefix .. 'lecture:' .. lecture,
      'batch', 'name', 'version', 'problem'))
    local told = { id = lecture, batch = batch, name = name, state = state, version = tonumber(version) }
    if state == 'failed' then told.problem = problem or '' end
    post(prefix, now, 'msg_' .. lecture .. '_' .. version, to, 'lecture.' .. state, told)
  end
  tell_of_batch(prefix, now, lecture)
end
