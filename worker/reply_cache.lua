-- The reply cache: replies by digest, bounded in time and in bytes; the least recently used go first.
--
-- kapitola:reply:{digest}    string  a reply, packed
-- kapitola:replies:by-use    zset    digest → when it was last used, ms
-- kapitola:replies:sizes     hash    digest → bytes; `total`: their sum
--
-- ARGV: get, digest                        → the reply, or nil
-- ARGV: put, digest, reply, ttl in ms, most bytes
local by_use, sizes = 'kapitola:replies:by-use', 'kapitola:replies:sizes'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local digest = ARGV[2]

local function forget(which)
  local size = redis.call('HGET', sizes, which)
  if size then redis.call('HINCRBY', sizes, 'total', -size) end
  redis.call('HDEL', sizes, which)
  redis.call('ZREM', by_use, which)
  redis.call('DEL', 'kapitola:reply:' .. which)
end

if ARGV[1] == 'get' then
  redis.call('ZADD', by_use, 'XX', now, digest)
  return redis.call('GET', 'kapitola:reply:' .. digest)
end

local reply, ttl, most = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
forget(digest)
if #reply > most then return end
redis.call('SET', 'kapitola:reply:' .. digest, reply, 'PX', ttl)
redis.call('ZADD', by_use, now, digest)
redis.call('HSET', sizes, digest, #reply)
local total = redis.call('HINCRBY', sizes, 'total', #reply)
-- What expired by itself is still in the books for a while, and is the first to leave them.
for _, expired in ipairs(redis.call('ZRANGEBYSCORE', by_use, '-inf', now - ttl, 'LIMIT', 0, 100)) do forget(expired) end
while total > most do
  local oldest = redis.call('ZRANGE', by_use, 0, 0)[1]
  if not oldest then break end
  forget(oldest)
  total = tonumber(redis.call('HGET', sizes, 'total'))
end
redis.call('PEXPIRE', by_use, ttl)
redis.call('PEXPIRE', sizes, ttl)
