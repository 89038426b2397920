/**
 * One window of one limit, as a hash: when it ends, and of each replica how many calls it has taken of it (`u:`), the calls that it holds and has not let
 * through yet among them, and by which of its questions that was said (`s:`). What is used is the sum. A replica says its own number anew with each
 * question, so that an answer that was lost, a Redis that came back empty and one that is behind cost nothing: nobody's number depends on what Redis remembers.
 *
 * Of what is left, a replica gets what it has calls waiting for, and for those to come no more than would leave as much to each of the others twice over:
 * the leases shrink as a window fills, and nothing is left over with somebody who has no use for it.
 *
 * Where the window was lost and rebuilt from what one replica said, none gets more than its share until all have said theirs, or have had ten seconds for it.
 *
 * Answers the number of this replica, the sum, the end of the window and the time until then, whether the number that it came with counts, and the time; or
 * the time alone, where the calendar period that was asked about is not the one that this clock is in.
 */
export const leaseScript = `
local key = KEYS[1]
local me, seq = ARGV[1], tonumber(ARGV[2])
local limit, want, waiting, replicas = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local claim, claimed_end, claimed_ms = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local window_ms, starts, ends = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local text = function(number) return string.format('%.0f', number) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if window_ms == 0 and (now < starts or now >= ends) then return { now } end

local counts = claim > 0 and (claimed_end > now or (claimed_end == 0 and claimed_ms > 0))
local stored = tonumber(redis.call('HGET', key, 'ends') or '0')
if stored <= now then
  if window_ms == 0 then stored = ends
  elseif not counts then stored = now + window_ms
  elseif claimed_end > now then stored = claimed_end
  else stored = now + claimed_ms end
  redis.call('DEL', key)
  redis.call('HSET', key, 'ends', text(stored), 'rebuilt', counts and text(now + 10000) or '0')
end

local others, known, last, rebuilt = 0, 1, 0, 0
local fields = redis.call('HGETALL', key)
for at = 1, #fields, 2 do
  local name, value = fields[at], fields[at + 1]
  if name == 'rebuilt' then rebuilt = tonumber(value)
  elseif name == 's:' .. me then last = tonumber(value)
  elseif string.sub(name, 1, 2) == 'u:' and name ~= 'u:' .. me then
    others = others + tonumber(value)
    known = known + 1
  end
end
if seq <= last then return { now } end

local mine = counts and claim or 0
local left = math.max(0, limit - others - mine)
if rebuilt > now and known < replicas then left = math.min(left, math.max(0, math.floor(limit / replicas) - mine)) end
local ahead = replicas > 1 and math.floor(left / (2 * replicas)) or left
local grant = math.min(left, math.max(waiting, math.min(want, ahead)))
mine = mine + grant
redis.call('HSET', key, 'u:' .. me, text(mine), 's:' .. me, text(seq))
redis.call('PEXPIREAT', key, text(stored))
return { mine, others + mine, stored, stored - now, counts and 1 or 0, now }
`;

/** Gives a proof to whoever is the first to ask for it; answers whether that is the one who asks. */
export const proofScript = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 1 } end
return { redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0 }
`;

/** Says that a replica is there. Answers how many are, the place of this one among them, and the time. */
export const beatScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return { 0, 0, now }
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[2])))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local place = 0
local all = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, name in ipairs(all) do if name < ARGV[1] then place = place + 1 end end
return { #all, place, now }
`;
