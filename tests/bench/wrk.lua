-- For wrk, by tests/bench/http: one line "RESULT requests microseconds p50
-- p99 errors" at the end. BENCH_BODIES, one JSON body a line, are sent in turn
-- as POST.
local bodies, turn = {}, 0
for line in (os.getenv("BENCH_BODIES") or ""):gmatch("[^\n]+") do
  bodies[#bodies + 1] = line
end
if #bodies > 0 then
  local headers = { ["Content-Type"] = "application/json" }
  function request()
    turn = turn % #bodies + 1
    return wrk.format("POST", nil, headers, bodies[turn])
  end
end
function done(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
