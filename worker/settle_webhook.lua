-- settle_webhook: how an attempt went; only for who holds the lease that counts.
-- ARGV: prefix, id, token, state, ms until the next attempt, status or "", failure, why its address is disabled or "".
-- Returns 1, or 0 if the lease was lost, or the webhook replayed, meanwhile: then nothing is written.
local prefix, id, token, state, delay = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local webhook = prefix .. 'webhook:' .. id
if redis.call('HGET', webhook, 'token') ~= token then return 0 end
local client, url = unpack(redis.call('HMGET', webhook, 'client', 'url'))
redis.call('HDEL', webhook, 'token')
redis.call('HSET', webhook, 'state', state, 'status', ARGV[6], 'failure', ARGV[7])
if state == 'waiting' then
  local time = redis.call('TIME')
  redis.call('ZADD', prefix .. 'webhooks', time[1] * 1000 + math.floor(time[2] / 1000) + delay, id)
else
  redis.call('ZREM', prefix .. 'webhooks', id)
end
if ARGV[8] ~= '' then redis.call('HSET', prefix .. 'webhooks:disabled:' .. client, url, ARGV[8]) end
return 1
