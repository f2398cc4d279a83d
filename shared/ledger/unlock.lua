-- unlock: give the reconciler's lock back, unless it has run out and is another's by now. ARGV: prefix, who had it.
local lock = prefix .. 'reconciler'
if redis.call('GET', lock) == ARGV[2] then redis.call('DEL', lock) end
