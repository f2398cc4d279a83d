-- admit: who asks, and whether they may ask now, in one step.
-- ARGV: prefix, digest of the key or "", then one policy (see throttle.lua).
-- Returns {"open"} (no key was shown, and there are none) | {"needed"} | {"unknown"}
--       | {"known", client, the digest that is stored, webhook, refused, wait in ms, left, ms, ...}.
local digest = ARGV[2]
if digest == '' then return { redis.call('EXISTS', prefix .. 'keys') == 0 and 'open' or 'needed' } end
local key = prefix .. 'key:' .. digest
local id, client, webhook, used = unpack(redis.call('HMGET', key, 'id', 'client', 'webhook', 'used'))
if not id then return { 'unknown' } end
if now / 1000 - (tonumber(used) or 0) > 60 then redis.call('HSET', key, 'used', math.floor(now / 1000)) end
local refused, wait, left = throttle_take(prefix, now, client,
  { { ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]) } })
return { 'known', client, redis.call('HGET', prefix .. 'keys', id), webhook, refused, wait, unpack(left) }
