-- The limiter: permission to call the model, shared by every worker. Functions only: a script that uses them is this
-- text followed by its own (worker/limiter.py, the claim). All times are milliseconds of the Redis server.
--
-- kapitola:limiter:state:{endpoint}   hash    requests_at, tokens_at: when the bucket is empty again (GCRA)
--                                             line_at: the last appointment that was given to a waiter
--                                             paused_until, pauses: 429s in a row
--                                             failures: in a row; failed_at: the last of them; open_until: the breaker
--                                             probe: the permit that tries it
--                                             requests_per_minute, tokens_per_minute: learnt from the server's headers
-- kapitola:limiter:flight:{endpoint}  zset    permit → when it expires, should its holder die
-- kapitola:limiter:reserved:{endpoint} hash   permit → the tokens it reserved
-- kapitola:limiter:used:{model}:{language}:{purpose}  hash  estimated, tokens_in, tokens_out: sums over replies;
--                                             language `*`: over all of them, for who does not know it
--
-- An endpoint is {name, model, requests_per_minute|nil, tokens_per_minute|nil, in_flight}.

local LIMITER = 'kapitola:limiter:'
local LIMITER_TTL = 86400000
-- How long a call counts as in flight unless its holder renews it: a dead holder's place is free again after this.
local LIMITER_HOLD = 20000
-- How much may be caught up after nobody asked for a while. Short: it is also the burst that a server sees.
local LIMITER_SLACK = 1000
-- How much later than another's a request may arrive: two that were granted a minute apart are closer at the server.
local LIMITER_DELAY = 1000
-- Nobody's appointment lies further behind the first free moment than this.
local LIMITER_LINE = 5000
-- How long after a failure an endpoint gets only what the others have no room for.
local LIMITER_SHUNNED = 10000
local LIMITER_BREAKS_AFTER = 5
local LIMITER_LONGEST_BREAK = 60000

local function limiter_number(value)
  return tonumber(value or 0) or error('limiter: not a number in its state')
end

local function limiter_given(value)
  if value == nil or value == cjson.null or value == false then return nil end
  return limiter_number(value)
end

local function limiter_state(name)
  local state = {}
  local flat = redis.call('HGETALL', LIMITER .. 'state:' .. name)
  for i = 1, #flat, 2 do state[flat[i]] = flat[i + 1] end
  return state
end

local function limiter_set(name, ...)
  redis.call('HSET', LIMITER .. 'state:' .. name, ...)
  redis.call('PEXPIRE', LIMITER .. 'state:' .. name, LIMITER_TTL)
end

-- How long one call of this cost fills its bucket. In any minute, sliding or not, a server with this limit then sees at
-- most the limit: slack and the last call's own size are taken off before.
local function limiter_cost_ms(limit, cost)
  if not limit then return 0 end
  return cost * (60000 + LIMITER_SLACK + LIMITER_DELAY) / math.max(limit - cost, limit / 2)
end

local function limiter_drop_dead(now, name)
  local flight, reserved = LIMITER .. 'flight:' .. name, LIMITER .. 'reserved:' .. name
  local dead = redis.call('ZRANGEBYSCORE', flight, '-inf', now)
  for _, permit in ipairs(dead) do redis.call('HDEL', reserved, permit) end
  if #dead > 0 then redis.call('ZREMRANGEBYSCORE', flight, '-inf', now) end
  return redis.call('ZCARD', flight)
end

-- What a prompt of so many estimated tokens will cost, reply included, by the replies seen so far.
local function limiter_expected(model, kind, estimate)
  local seen = redis.call('HMGET', LIMITER .. 'used:' .. model .. ':' .. kind,
    'estimated', 'tokens_in', 'tokens_out')
  local estimated = limiter_number(seen[1])
  -- Before the first reply: a section takes about 20 tokens of answer for 250 of speech.
  if estimated <= 0 then return math.ceil(estimate * 1.15 + 100) end
  return math.ceil(estimate * (limiter_number(seen[2]) + limiter_number(seen[3])) / estimated)
end

-- {wait, load}: how long until this endpoint takes a call of so many tokens, and how idle it is.
local function limiter_look(now, estimate, kind, endpoint)
  local tokens = limiter_expected(endpoint.model, kind, estimate)
  local state = limiter_state(endpoint.name)
  local rpm = limiter_given(endpoint.requests_per_minute) or limiter_given(state.requests_per_minute)
  local tpm = limiter_given(endpoint.tokens_per_minute) or limiter_given(state.tokens_per_minute)
  local seen = {
    endpoint = endpoint, state = state, tokens = tokens,
    requests_ms = limiter_cost_ms(rpm, 1), tokens_ms = limiter_cost_ms(tpm, tokens),
    requests_at = math.max(limiter_number(state.requests_at), now - LIMITER_SLACK),
    tokens_at = math.max(limiter_number(state.tokens_at), now - LIMITER_SLACK),
    probing = limiter_number(state.failures) >= LIMITER_BREAKS_AFTER,
    shunned = limiter_number(state.failures) > 0 and now - limiter_number(state.failed_at) < LIMITER_SHUNNED,
  }
  local wait = math.max(0, seen.requests_at - now, seen.tokens_at - now,
    limiter_number(state.paused_until) - now, limiter_number(state.open_until) - now)
  local flying = limiter_drop_dead(now, endpoint.name)
  if flying >= limiter_number(endpoint.in_flight) then wait = math.max(wait, 250) end
  -- Half open: one call tries, and everybody else waits for what becomes of it.
  if seen.probing and redis.call('ZSCORE', LIMITER .. 'flight:' .. endpoint.name, state.probe or '') then
    wait = math.max(wait, 500)
  end
  seen.wait = wait
  seen.load = math.max(flying / limiter_number(endpoint.in_flight),
    (math.max(seen.requests_at, seen.tokens_at) - now) / LIMITER_SLACK)
  return seen
end

-- An appointment for a waiter: one after the other, as fast as calls may begin, so that no two wake for one place.
local function limiter_appoint(now, seen)
  local first = now + seen.wait
  local at = math.min(math.max(limiter_number(seen.state.line_at), first), first + LIMITER_LINE)
  limiter_set(seen.endpoint.name, 'line_at', at + math.max(seen.requests_ms, seen.tokens_ms, 1))
  return math.ceil(at - now)
end

local function limiter_grant(now, permit, seen)
  local name = seen.endpoint.name
  limiter_set(name, 'requests_at', seen.requests_at + seen.requests_ms, 'tokens_at', seen.tokens_at + seen.tokens_ms)
  if seen.probing then limiter_set(name, 'probe', permit) end
  redis.call('ZADD', LIMITER .. 'flight:' .. name, now + LIMITER_HOLD, permit)
  redis.call('HSET', LIMITER .. 'reserved:' .. name, permit, seen.tokens)
  redis.call('PEXPIRE', LIMITER .. 'flight:' .. name, LIMITER_TTL)
  redis.call('PEXPIRE', LIMITER .. 'reserved:' .. name, LIMITER_TTL)
end

local function limiter_is_better(one, other)
  if one.wait ~= other.wait then return one.wait < other.wait end
  if one.shunned ~= other.shunned then return other.shunned end
  return one.load < other.load
end

-- → wait_ms, endpoint name. 0: granted, reserved and recorded in flight; else nothing is held: ask again after wait_ms.
-- `estimate` is of the prompt alone, in whatever way the caller estimates; `kind` (nil: any outline) is LANGUAGE:PURPOSE
-- and says which replies it is corrected by, and raised by what they themselves cost.
local function limiter_take(now, permit, estimate, endpoints, kind)
  local best
  for _, endpoint in ipairs(endpoints) do
    local seen = limiter_look(now, estimate, kind or '*:outline', endpoint)
    if not best or limiter_is_better(seen, best) then best = seen end
  end
  if not best then error('limiter: no endpoints') end
  if best.wait > 0 then return limiter_appoint(now, best), best.endpoint.name end
  limiter_grant(now, permit, best)
  return 0, best.endpoint.name
end

-- Ends a permit; → true if it was still held. `used` is what the call cost in tokens, nil if that is not known.
local function limiter_release(permit, endpoint, used)
  used = limiter_given(used)
  local name = endpoint.name
  local reserved = redis.call('HGET', LIMITER .. 'reserved:' .. name, permit)
  redis.call('HDEL', LIMITER .. 'reserved:' .. name, permit)
  local held = redis.call('ZREM', LIMITER .. 'flight:' .. name, permit) == 1
  if not (reserved and used) then return held end
  local state = limiter_state(name)
  local tpm = limiter_given(endpoint.tokens_per_minute) or limiter_given(state.tokens_per_minute)
  local difference = limiter_cost_ms(tpm, used) - limiter_cost_ms(tpm, limiter_number(reserved))
  if tpm then limiter_set(name, 'tokens_at', limiter_number(state.tokens_at) + difference) end
  return held
end

-- The call came to an end: with a reply, or with a failure of the server.
local function limiter_settle(now, permit, endpoint, used, failed)
  limiter_release(permit, endpoint, used)
  local name = endpoint.name
  if not failed then return limiter_set(name, 'failures', 0, 'open_until', 0, 'pauses', 0, 'probe', '') end
  local state = limiter_state(name)
  -- Those that were in flight when the breaker opened fail as well: that says nothing new.
  if now < limiter_number(state.open_until) then return end
  local failures = limiter_number(state.failures) + 1
  limiter_set(name, 'failures', failures, 'failed_at', now)
  if failures >= LIMITER_BREAKS_AFTER then
    local length = math.min(1000 * 2 ^ math.min(failures - LIMITER_BREAKS_AFTER, 10), LIMITER_LONGEST_BREAK)
    limiter_set(name, 'open_until', now + length)
  end
end

-- A permit that was not used: a cache answered. The place is free again.
local function limiter_give_back(permit, endpoint)
  if not limiter_release(permit, endpoint, 0) then return end
  local state = limiter_state(endpoint.name)
  local rpm = limiter_given(endpoint.requests_per_minute) or limiter_given(state.requests_per_minute)
  limiter_set(endpoint.name, 'requests_at', limiter_number(state.requests_at) - limiter_cost_ms(rpm, 1), 'probe', '')
end

-- A 429: nobody calls this endpoint for so long. Without a time from the server, 1 s, 2 s, 4 s … a minute.
local function limiter_pause(now, permit, endpoint, ms)
  limiter_release(permit, endpoint, nil)
  local state = limiter_state(endpoint.name)
  local until_before = limiter_number(state.paused_until)
  local pauses = limiter_number(state.pauses)
  -- Those that were in flight when the pause began are refused as well: that says nothing new.
  if now >= until_before then pauses = pauses + 1 end
  if ms <= 0 then ms = math.min(1000 * 2 ^ math.min(math.max(pauses, 1) - 1, 6), 60000) end
  limiter_set(endpoint.name, 'pauses', pauses, 'paused_until', math.max(until_before, now + ms))
end

-- What the server's headers say: its limits, where none are configured, and how much is left, where we think it is more.
local function limiter_learn(now, endpoint, kind, limit, remaining)
  local name = endpoint.name
  if limit and limit > 0 then limiter_set(name, kind .. '_per_minute', limit) end
  local state = limiter_state(name)
  local known = limiter_given(endpoint[kind .. '_per_minute']) or limiter_given(state[kind .. '_per_minute'])
  if not (known and remaining) then return end
  local at = now - remaining * 60000 / known
  if at > limiter_number(state[kind .. '_at']) then limiter_set(name, kind .. '_at', math.min(at, now)) end
end

-- What a prompt of so many estimated tokens did cost.
local function limiter_count(model, kind, estimate, tokens_in, tokens_out)
  local key = LIMITER .. 'used:' .. model .. ':' .. kind
  local estimated = limiter_number(redis.call('HINCRBYFLOAT', key, 'estimated', estimate))
  redis.call('HINCRBYFLOAT', key, 'tokens_in', tokens_in)
  redis.call('HINCRBYFLOAT', key, 'tokens_out', tokens_out)
  -- Halved now and then, so that what is recent weighs more.
  if estimated > 200000 then
    for _, field in ipairs({'estimated', 'tokens_in', 'tokens_out'}) do
      redis.call('HSET', key, field, limiter_number(redis.call('HGET', key, field)) / 2)
    end
  end
  redis.call('PEXPIRE', key, LIMITER_TTL * 30)
end

-- Those whose holder lives.
local function limiter_renew(now, endpoint, permits)
  for _, permit in ipairs(permits) do
    redis.call('ZADD', LIMITER .. 'flight:' .. endpoint.name, 'XX', now + LIMITER_HOLD, permit)
  end
end
