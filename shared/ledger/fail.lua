-- fail: give a claimed work up for good.
-- ARGV: prefix, work, token, reason. Returns 1, or 0 if the lease was lost meanwhile.
if not holds(ARGV[2], ARGV[3]) then return 0 end
fail(ARGV[2], ARGV[4])
return 1
