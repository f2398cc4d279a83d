-- limiter_calls: one step of worker/limiter.py. ARGV: what to do, its arguments as one JSON object.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local what, given = ARGV[1], cjson.decode(ARGV[2])
local endpoint, permit = given.endpoint, given.permit

local steps = {
  take = function() return { limiter_take(now, permit, given.estimate, given.endpoints, given.kind) } end,
  pause = function() limiter_pause(now, permit, endpoint, given.ms) end,
  give_back = function() limiter_give_back(permit, endpoint) end,
  renew = function() limiter_renew(now, endpoint, given.permits) end,
  abandon = function() limiter_release(permit, endpoint, nil) end,
  fail = function() limiter_settle(now, permit, endpoint, nil, true) end,
  settle = function()
    limiter_settle(now, permit, endpoint, given.tokens_in + given.tokens_out, false)
    for kind, learnt in pairs(given.headers) do limiter_learn(now, endpoint, kind, learnt.limit, learnt.remaining) end
    if not given.is_measured then return end
    for _, kind in ipairs(given.kinds) do
      limiter_count(endpoint.model, kind, given.estimate, given.tokens_in, given.tokens_out)
    end
  end,
}
return steps[what]()
