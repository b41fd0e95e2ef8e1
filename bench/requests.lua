-- Walks a file of requests (method, path and body, with tabs between) from a given line on, and tells what it found.
local prepared, last = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(.-)\t(.-)\t(.*)$")
    prepared[#prepared + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  last = tonumber(args[2])
end

function request()
  last = last % #prepared + 1
  return prepared[last]
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\nfound {"requests": %d, "microseconds": %d, "failed": %d, "p50": %d, "p99": %d, "bytes": %d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99), summary.bytes))
end
