-- charge: what a submission takes of its client's quotas; a negative cost gives it back.
-- ARGV: prefix, client, policies as JSON (see throttle.lua). Returns {refused, wait in ms, left, ms, ...}.
local refused, wait, left = throttle_take(prefix, now, ARGV[2], cjson.decode(ARGV[3]))
return { refused, wait, unpack(left) }
