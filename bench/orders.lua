-- wrk: places orders, each under a key of its own; prints one JSON object.
-- Arguments: the API key, then a SKU, or "-" for a thousand of them, then for how many milliseconds each caller
-- rests between two orders (0 where nothing is said).

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  local seed = io.open("/dev/urandom", "rb"):read(4)
  math.randomseed(seed:byte(1) + seed:byte(2) * 256 + seed:byte(3) * 65536 + seed:byte(4) * 16777216)
  prefix = string.format("%d-%d-%d-", number, math.random(0, 2147483647), math.random(0, 2147483647))
  sku = args[2]
  rest = tonumber(args[3] or "0")
  placed, refused, away, failed, count = 0, 0, 0, 0, 0
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
end

function delay()
  return rest
end

function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = prefix .. count
  local good = sku == "-" and string.format("SKU-%04d", math.random(0, 999)) or sku
  return wrk.format(nil, nil, nil, '{"channel":"web","currency":"EUR","lines":[{"sku":"' .. good ..
    '","quantity":1}],"email":"ada@example.com","shipping":490,"shipping_address":{"name":"Ada King",' ..
    '"line1":"12 Mill Lane","city":"York","postcode":"YO1 7EP","country":"GB"},"payment":{"provider":"external"}}')
end

function response(status, headers)
  if status == 201 then
    placed = placed + 1
  elseif status == 409 then
    refused = refused + 1
  elseif (status == 429 or status == 503) and (headers["Retry-After"] or headers["retry-after"]) then
    away = away + 1
  else
    failed = failed + 1
  end
end

function done(summary, latency, requests)
  local placed, refused, away, failed = 0, 0, 0, 0
  for _, thread in ipairs(threads) do
    placed = placed + thread:get("placed")
    refused = refused + thread:get("refused")
    away = away + thread:get("away")
    failed = failed + thread:get("failed")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"placed":%d,"refused":%d,"away":%d,"failed":%d,"lost":%d,"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f}\n',
    placed, refused, away, failed, errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
