-- claim_webhooks: those whose next attempt is due, each under a lease: it comes back when the lease is over.
-- ARGV: prefix, token, lease in ms, at most how many, at most how many of one client,
--       attempts allowed, JSON {client: how many the caller has under way}.
-- Returns {now in ms, id, fields (HGETALL), ...}. An attempt is counted before it is made.
local prefix, token, lease, most, each = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local allowed, under_way = tonumber(ARGV[6]), cjson.decode(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function give_up(id, why)
  redis.call('HSET', prefix .. 'webhook:' .. id, 'state', 'given_up', 'failure', why)
  redis.call('ZREM', prefix .. 'webhooks', id)
end
local claimed = { now }
-- Far more are looked at than taken: a client whose address is slow does not stand in the way of the others.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'webhooks', '-inf', now, 'LIMIT', 0, 2000)) do
  if most == 0 then break end
  local webhook = prefix .. 'webhook:' .. id
  local client, url, attempts = unpack(redis.call('HMGET', webhook, 'client', 'url', 'attempts'))
  if not client then -- kept as long as was promised, and gone
    redis.call('ZREM', prefix .. 'webhooks', id)
  elseif redis.call('HEXISTS', prefix .. 'webhooks:disabled:' .. client, url) == 1 then
    give_up(id, 'the address is disabled')
  elseif tonumber(attempts) >= allowed then -- the last of them was never recorded: its worker died
    give_up(id, 'its attempts are used up')
  elseif (under_way[client] or 0) < each then
    under_way[client] = (under_way[client] or 0) + 1
    most = most - 1
    redis.call('HINCRBY', webhook, 'attempts', 1)
    redis.call('HSET', webhook, 'token', token, 'attempted', now)
    redis.call('ZADD', prefix .. 'webhooks', now + lease, id)
    claimed[#claimed + 1] = id
    claimed[#claimed + 1] = redis.call('HGETALL', webhook)
  end
end
return claimed
