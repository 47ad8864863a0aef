-- For wrk, by tests/bench: one line "RESULT requests microseconds p50 p99
-- errors" at the end. BENCH_BODIES, one JSON body a line, are sent in turn as
-- POST; BENCH_TOKENS, one a line, are the users that ask in turn.
local function lines(name)
  local list = {}
  for line in (os.getenv(name) or ""):gmatch("[^\n]+") do
    list[#list + 1] = line
  end
  return list
end
local bodies, tokens, turn = lines("BENCH_BODIES"), lines("BENCH_TOKENS"), 0
local method = #bodies > 0 and "POST" or nil
local headers = {}
for i = 1, math.max(1, #tokens) do
  headers[i] = {
    ["Content-Type"] = method and "application/json",
    Authorization = tokens[i] and "Bearer " .. tokens[i],
  }
end
if #bodies > 0 or #tokens > 0 then
  function request()
    turn = turn + 1
    return wrk.format(method, nil, headers[turn % #headers + 1], bodies[turn % math.max(1, #bodies) + 1])
  end
end
function done(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
