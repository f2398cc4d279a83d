-- The throttle: how much a client may ask of the API. The generic cell rate algorithm (GCRA): `throttle:CLIENT` holds,
-- for each policy, the time at which all that was taken will have flowed back; a policy's whole quota may be taken at
-- once, and flows back evenly over its window.
-- policies: list of {name, quota, window in ms, cost}. All are taken, or none.
-- Returns the position of the policy that refused (0 for none), ms until it would not (-1: never, it asks for more than
-- the quota), and for each policy: what is left, ms until all of it has flowed back.
local function throttle_take(prefix, now, client, policies)
  local key = prefix .. 'throttle:' .. client
  local refused, wait, left, times, longest = 0, 0, {}, {}, 1
  for i, policy in ipairs(policies) do
    local name, quota, window, cost = unpack(policy)
    local before = math.max(now, tonumber(redis.call('HGET', key, name)) or 0)
    local after = math.max(now, before + cost * window / quota)
    if after - now > window and cost > 0 and refused == 0 then
      refused, wait = i, cost > quota and -1 or math.ceil(after - now - window)
    end
    times[i] = { before, after, window / quota, window }
    longest = math.max(longest, window)
  end
  for i, policy in ipairs(policies) do
    local before, after, step, window = unpack(times[i])
    local full = refused == 0 and after or before
    if refused == 0 then redis.call('HSET', key, policy[1], string.format('%.3f', full)) end
    left[#left + 1] = math.max(0, math.floor((window - (full - now)) / step + 1e-6))
    left[#left + 1] = math.ceil(full - now)
  end
  if refused == 0 then redis.call('PEXPIRE', key, longest) end
  return refused, wait, left
end

local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
