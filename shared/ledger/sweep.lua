-- sweep: what is due goes back to waiting: expired leases and delays that are over.
-- ARGV: prefix, attempts allowed, at most how many of each, endpoints as JSON (see limiter.lua),
--       how long a ticket waits for a model in ms.
-- Returns {taken from the dead, given up, waiting in all, tickets that would be of use}.
local attempts, most, endpoints, patience = tonumber(ARGV[2]), tonumber(ARGV[3]), cjson.decode(ARGV[4]), tonumber(ARGV[5])

-- When nobody swept for so long, Redis was away or every worker was: leases ran out that nobody could renew.
-- Well above the two seconds for which a killed reconciler's lock keeps the others from sweeping.
local SILENCE = 7000
-- So long the living have to renew theirs, before the dead are told by that they do not.
local GRACE = 10000

local function spare_the_living()
  local last = tonumber(redis.call('GET', prefix .. 'swept') or 0)
  redis.call('SET', prefix .. 'swept', now, 'PX', 60000)
  if now - last < SILENCE then return end
  for _, work in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'leases', '-inf', now + GRACE)) do
    redis.call('ZADD', prefix .. 'leases', now + GRACE, work)
  end
end

local function take_from_the_dead(work) -- what became of it
  local attempt = tonumber(redis.call('HGET', chunk_key(work), 'attempt'))
  forget(work)
  if not attempt or is_over((split(work))) then return 'gone' end
  if attempt < attempts then
    wait(work, attempt == attempts - 1)
    return 'taken'
  end
  fail(work, 'its worker died or hung ' .. attempt .. ' times')
  return 'given up'
end

local function is_any_model_free()
  for _, endpoint in ipairs(endpoints) do
    if limiter_look(now, 0, '*:outline', endpoint).wait <= patience then return true end
  end
  return false
end

spare_the_living()
local became = { taken = 0, ['given up'] = 0, gone = 0 }
for _, work in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'leases', '-inf', now, 'LIMIT', 0, most)) do
  local what = take_from_the_dead(work)
  became[what] = became[what] + 1
  tally(what)
end
for _, work in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'delayed', '-inf', now, 'LIMIT', 0, most)) do
  forget(work)
  wait(work)
end
local waiting = redis.call('ZCARD', prefix .. 'suspects')
for _, client in ipairs(redis.call('ZRANGE', prefix .. 'clients', 0, -1)) do
  waiting = waiting + redis.call('ZCARD', prefix .. 'waiting:' .. client)
end
return { became.taken, became['given up'], waiting, is_any_model_free() and waiting or 0 }
