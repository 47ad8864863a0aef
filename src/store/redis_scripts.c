/*
 * What Redis runs for us, each in one step and one round trip. The arithmetic
 * of SCRIPT_TAKE is that of window.c, the rules of tags and claims are those
 * of shelf_answers.c: change both, the conformance suite compares them. Every
 * key has a life, but for those few whose names are fixed (kontor:s:...). The
 * epoch stands in each answer, the era in each value: SCRIPT_MEET changes both
 * when Redis was away or started again, and what is of another one is nothing.
 *
 * Lua's numbers are doubles: exact for what is counted here. Numbers of the
 * sequence are microseconds of Redis' clock, so that none comes twice even
 * when Redis has read an old state back.
 */
#include "redis_link.h"

/* clang-format off */
#pragma GCC diagnostic ignored "-Woverlength-strings"

#define NEXT \
"local function text(n) return string.format('%.0f', n) end\n" \
"local function next_number()\n" \
" local t = redis.call('TIME')\n" \
" local n = tonumber(redis.call('GET', KEYS[1]) or '0') + 1\n" \
" local us = tonumber(t[1]) * 1000000 + tonumber(t[2])\n" \
" if n < us then n = us end\n" \
" redis.call('SET', KEYS[1], text(n))\n" \
" return text(n)\n" \
"end\n"

/* A mark far in the future is of a clock that was set back since: void. */
#define LASTS \
"local function lasts(til, length)\n" \
" return til and now < tonumber(til)\n" \
"  and tonumber(til) - now <= tonumber(length)\n" \
"end\n"

/* The versions of the tags in KEYS[first] and behind; '0': unknown or held. */
#define VERSIONS \
"local function versions_of(first)\n" \
" local list, unknown, good = {}, {}, true\n" \
" for i = first, #KEYS do\n" \
"  local tag = redis.call('HMGET', KEYS[i], 'v', 'u', 'h')\n" \
"  local v = tag[1]\n" \
"  if not v then unknown[#unknown + 1] = i end\n" \
"  if not v or lasts(tag[2], tag[3]) then v = '0' good = false end\n" \
"  list[#list + 1] = v\n" \
" end\n" \
" return list, unknown, good\n" \
"end\n"

const char *const redis_scripts[SCRIPT_COUNT] = {
/* KEYS sequence epoch run era; ARGV run force */
[SCRIPT_MEET] = NEXT
"local run = redis.call('GET', KEYS[3])\n"
"if ARGV[2] == '1' or ARGV[1] == '' or run ~= ARGV[1] then\n"
" redis.call('SET', KEYS[3], ARGV[1])\n"
" redis.call('SET', KEYS[2], next_number())\n"
" redis.call('SET', KEYS[4], next_number())\n"
"end\n"
"return 1\n",

/* KEYS value era; returns stored expires bytes; of another era: nothing */
[SCRIPT_GET] =
"local at = redis.call('HMGET', KEYS[1], 's', 'x', 'b', 'e')\n"
"if at[4] ~= (redis.call('GET', KEYS[2]) or '0') then\n"
" return {false, false, false}\n"
"end\n"
"return at\n",

/* KEYS value era; ARGV stored expires life bytes */
[SCRIPT_PUT] =
"redis.call('DEL', KEYS[1])\n"
"redis.call('HSET', KEYS[1], 's', ARGV[1], 'x', ARGV[2], 'b', ARGV[4],\n"
" 'e', redis.call('GET', KEYS[2]) or '0')\n"
"redis.call('PEXPIRE', KEYS[1], ARGV[3] + 60000)\n"
"return 1\n",

/* KEYS value era; ARGV now life delta; returns the sum, or 'bad' */
[SCRIPT_ADD] =
"local limit = 9007199254740991\n"
"local now, life = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
"local era = redis.call('GET', KEYS[2]) or '0'\n"
"local at = redis.call('HMGET', KEYS[1], 'x', 'b', 'e')\n"
"local n, live = 0, at[3] == era and tonumber(at[1]) > now\n"
"if live then\n"
" local b = at[2]\n"
" if #b > 23 or not (b == '0' or string.match(b, '^%-?[1-9]%d*$')) then\n"
"  return 'bad'\n"
" end\n"
" n = tonumber(b)\n"
" if n > limit or n < -limit then return 'bad' end\n"
"end\n"
"n = n + tonumber(ARGV[3])\n"
"if n > limit or n < -limit then return 'bad' end\n"
"local sum = string.format('%.0f', n)\n"
"if n == 0 then sum = '0' end\n"
"if live then\n"
" redis.call('HSET', KEYS[1], 'b', sum)\n"
"else\n"
" redis.call('DEL', KEYS[1])\n"
" redis.call('HSET', KEYS[1], 's', ARGV[1],\n"
"  'x', string.format('%.0f', now + life), 'b', sum, 'e', era)\n"
" redis.call('PEXPIRE', KEYS[1], life + 60000)\n"
"end\n"
"return sum\n",

/* KEYS sequence epoch hits misses answer claim tag...; ARGV now claim_ms;
   returns found fresh claim epoch stored fresh_until bytes version... */
[SCRIPT_LOOK] = NEXT
"local now = tonumber(ARGV[1])\n" LASTS VERSIONS
"local epoch = redis.call('GET', KEYS[2]) or '0'\n"
"local list, unknown, good = versions_of(7)\n"
"local found, fresh, id = 0, 0, '0'\n"
"local a = redis.call('HMGET', KEYS[5], 'e', 'v', 'x', 'f', 's')\n"
"if good and a[1] == epoch and a[2] == table.concat(list, ',')\n"
"  and tonumber(a[3]) > now then\n"
" found = 1\n"
" if tonumber(a[4]) > now then fresh = 1 end\n"
"end\n"
"if fresh == 0 then\n"
" local claim = redis.call('HMGET', KEYS[6], 'u', 'l')\n"
" if not lasts(claim[1], claim[2]) then\n"
"  if #unknown > 0 then\n"
"   for _, i in ipairs(unknown) do\n"
"    redis.call('HSET', KEYS[i], 'v', next_number())\n"
"    redis.call('PEXPIRE', KEYS[i], 86400000)\n"
"   end\n"
"   list = versions_of(7)\n"
"  end\n"
"  id = next_number()\n"
"  redis.call('HSET', KEYS[6], 'u', text(now + tonumber(ARGV[2])),\n"
"   'l', ARGV[2], 'i', id)\n"
"  redis.call('PEXPIRE', KEYS[6], ARGV[2] + 60000)\n"
" end\n"
"end\n"
"local out = {found, fresh, id, epoch, '0', '0', ''}\n"
"if found == 1 then\n"
" redis.call('INCR', KEYS[3])\n"
" out[5], out[6] = a[5], a[4]\n"
" out[7] = redis.call('HGET', KEYS[5], 'b')\n"
"elseif id ~= '0' then\n"
" redis.call('INCR', KEYS[4])\n"
"end\n"
"for i = 1, #list do out[7 + i] = list[i] end\n"
"return out\n",

/* KEYS epoch answer claim tag...; ARGV now claim wanted versions epoch
   fresh_until expires life bytes */
[SCRIPT_KEEP] =
"local now = tonumber(ARGV[1])\n" LASTS VERSIONS
"if ARGV[2] ~= '0' and redis.call('HGET', KEYS[3], 'i') == ARGV[2] then\n"
" redis.call('DEL', KEYS[3])\n"
"end\n"
"if ARGV[3] ~= '1' then return 0 end\n"
"local list, unknown, good = versions_of(4)\n"
"if not good or table.concat(list, ',') ~= ARGV[4]\n"
"  or (redis.call('GET', KEYS[1]) or '0') ~= ARGV[5] then\n"
" return 0\n"
"end\n"
"redis.call('DEL', KEYS[2])\n"
"redis.call('HSET', KEYS[2], 'e', ARGV[5], 'v', ARGV[4], 'x', ARGV[7],\n"
" 'f', ARGV[6], 's', ARGV[1], 'b', ARGV[9])\n"
"redis.call('PEXPIRE', KEYS[2], ARGV[8] + 60000)\n"
"return 1\n",

/* KEYS sequence tag...; ARGV now hold_ms, 0: release */
[SCRIPT_MARK] = NEXT
"local now, hold = tonumber(ARGV[1]), tonumber(ARGV[2])\n" LASTS
"for i = 2, #KEYS do\n"
" local tag = redis.call('HMGET', KEYS[i], 'u', 'h', 'n')\n"
" local til, length = tonumber(tag[1] or '0'), tonumber(tag[2] or '0')\n"
" local holders = tonumber(tag[3] or '0')\n"
" if hold > 0 then\n"
"  if not lasts(til, length) then til, length, holders = 0, 0, 0 end\n"
"  holders = holders + 1\n"
"  if til < now + hold then til = now + hold end\n"
"  if length < hold then length = hold end\n"
" else\n"
"  if holders > 0 then holders = holders - 1 end\n"
"  if holders == 0 then til = 0 end\n"
" end\n"
" redis.call('HSET', KEYS[i], 'v', next_number(), 'u', text(til),\n"
"  'h', text(length), 'n', text(holders))\n"
" redis.call('PEXPIRE', KEYS[i], 86400000 + hold)\n"
"end\n"
"return 1\n",

/* KEYS sequence epoch */
[SCRIPT_FLUSH] = NEXT
"redis.call('SET', KEYS[2], next_number())\n"
"return 1\n",

/* KEYS windows-of-the-subject..., blocked; ARGV now skew, then for each
   window: field limit window_ms patience cooldown cap exact member; returns
   for each window decided: allowed blocked remaining reset retry */
[SCRIPT_TAKE] =
"local now, skew = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
"local floor, max, min = math.floor, math.max, math.min\n"
"local w, s\n" /* the window, its state */
"local function exact()\n"
" local at, n = s.at, #s.at\n"
" local clock, newest = now, at[n] or 0\n"
" if newest > now then\n"
"  if newest - now <= skew then clock = newest else\n"
"   for i = 1, n do if at[i] > now then at[i] = now end end\n"
"  end\n"
" end\n"
" local left = {}\n"
" for i = 1, n do\n"
"  if at[i] > clock - w.length then left[#left + 1] = at[i] end\n"
" end\n"
" s.at, n = left, #left\n"
" local f = {0, 0, 0, 0, 0}\n"
" if n < w.limit then\n"
"  n = n + 1\n"
"  left[n] = clock\n"
"  f[1], f[3] = 1, w.limit - n\n"
" else\n"
"  f[5] = left[n - w.limit + 1] + w.length - now\n"
" end\n"
" f[4] = left[n] + w.length - now\n"
" return f\n"
"end\n"
"local function weighted()\n"
" local length, start = w.length, now - now % w.length\n"
" local come = 0\n"
" if not (start < s.start and s.start - now <= skew) then\n"
"  if start > s.start then\n"
"   s.past = start - s.start == length and s.present or 0\n"
"   s.present = 0\n"
"  end\n"
"  s.start = start\n"
"  come = now - start\n"
" end\n"
" local behind = s.start + come - now\n"
" local left = w.limit * length - s.past * (length - come)\n"
"  - s.present * length\n"
" local f = {0, 0, 0, 0, 0}\n"
" if left >= length then\n"
"  s.present = s.present + 1\n"
"  f[1], f[3] = 1, floor((left - length) / length)\n"
" else\n"
"  local free = w.limit - s.present - 1\n"
"  if free >= 0 and s.past > 0 then\n"
"   f[5] = max(length - floor(free * length / s.past) - come, 0)\n"
"  else\n"
"   free = floor((w.limit - 1) * length / max(s.present, 1))\n"
"   f[5] = length - come + max(length - free, 0)\n"
"  end\n"
"  f[5] = f[5] + behind\n"
" end\n"
" f[4] = s.start + (s.present > 0 and 2 or 1) * length - now\n"
" return f\n"
"end\n"
"local function cooldown(level)\n"
" local cap, length = max(w.cap, w.cooldown), w.cooldown\n"
" while level > 1 and length < cap do\n"
"  length = length * 2\n"
"  level = level - 1\n"
" end\n"
" return min(length, cap)\n"
"end\n"
"local function note(f)\n"
" local quiet = now - s.quiet\n"
" while s.level > 0 and quiet >= cooldown(s.level) do\n"
"  quiet = quiet - cooldown(s.level)\n"
"  s.level = s.level - 1\n"
" end\n"
" if s.refusals == 0 or now - s.since >= w.length then\n"
"  if s.level == 0 then s.total = 0 end\n"
"  s.refusals, s.since = 0, now\n"
" end\n"
" if s.since > now then s.since = now end\n"
" s.refusals, s.total, s.quiet = s.refusals + 1, s.total + 1, now\n"
" if s.refusals < w.patience then return end\n"
" if s.level == 0 or cooldown(s.level) < w.cap then s.level = s.level + 1 end\n"
" local length = cooldown(s.level)\n"
" s.til, s.quiet, s.refusals = now + length, now + length, 0\n"
" f[2], f[5], f[4] = 1, max(f[5], length), max(f[4], length)\n"
"end\n"
"local function decide()\n"
" if w.patience > 0 and s.til > now then\n"
"  local longest = max(w.cap, w.cooldown)\n"
"  if s.til - now > longest then\n"
"   s.til, s.quiet = now + longest, now + longest\n"
"  end\n"
"  s.total = s.total + 1\n"
"  return {0, 1, 0, s.til - now, s.til - now}\n"
" end\n"
" local f = w.exact and exact() or weighted()\n"
" if f[1] == 0 and w.patience > 0 then note(f) end\n"
" return f\n"
"end\n"
"local function load(i)\n"
" local j = 2 + (i - 1) * 8\n"
" w = {key = KEYS[i], field = ARGV[j + 1], limit = tonumber(ARGV[j + 2]),\n"
"  length = tonumber(ARGV[j + 3]), patience = tonumber(ARGV[j + 4]),\n"
"  cooldown = tonumber(ARGV[j + 5]), cap = tonumber(ARGV[j + 6]),\n"
"  exact = ARGV[j + 7] == '1', member = ARGV[j + 8]}\n"
" local packed = redis.call('HGET', w.key, w.field)\n"
" local p = packed and cmsgpack.unpack(packed) or {0, 0, 0, 0, 0, 0, 0, 0, 0}\n"
" s = {since = p[1], refusals = p[2], total = p[3], til = p[4],\n"
"  level = p[5], quiet = p[6], start = p[7], present = p[8], past = p[9],\n"
"  at = {}}\n"
" for k = 10, #p do s.at[k - 9] = p[k] end\n"
"end\n"
"local function save(w, s)\n"
" local p = {s.since, s.refusals, s.total, s.til, s.level, s.quiet,\n"
"  s.start, s.present, s.past}\n"
" for k = 1, #s.at do p[9 + k] = s.at[k] end\n"
" redis.call('HSET', w.key, w.field, cmsgpack.pack(p))\n"
" local life = 2 * w.length + skew\n"
" if s.level > 0 then\n"
"  life = max(life, s.quiet - now + 3 * cooldown(s.level))\n"
" end\n"
" life = life + 60000\n"
" if redis.call('PTTL', w.key) < life then\n"
"  redis.call('PEXPIRE', w.key, string.format('%.0f', life))\n"
" end\n"
" if s.til > now then\n"
"  local blocked = KEYS[#KEYS]\n"
"  redis.call('ZADD', blocked, string.format('%.0f', s.til), w.member)\n"
"  redis.call('ZREMRANGEBYSCORE', blocked, '-inf', ARGV[1])\n"
"  redis.call('ZREMRANGEBYRANK', blocked, 0, -10001)\n"
"  redis.call('PEXPIRE', blocked, 2592000000)\n"
" end\n"
"end\n"
"local out, all = {}, {}\n"
"for i = 1, #KEYS - 1 do\n"
" load(i)\n"
" local f = decide()\n"
" for k = 1, 5 do out[#out + 1] = f[k] end\n"
" all[i] = {w, s}\n"
" if f[1] == 0 then\n"
"  save(w, s)\n"
"  return out\n"
" end\n"
"end\n"
"for i = 1, #all do\n"
" w, s = all[i][1], all[i][2]\n"
" save(w, s)\n"
"end\n"
"return out\n",

/* KEYS blocked; ARGV now most prefix; returns until total member ... */
[SCRIPT_BLOCKED] =
"local now, out = tonumber(ARGV[1]), {}\n"
"local list = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)\n"
"for _, member in ipairs(list) do\n"
" local cut = string.find(member, '%z')\n"
" local key = ARGV[3] .. string.sub(member, 1, cut - 1)\n"
" local packed = redis.call('HGET', key, string.sub(member, cut + 1))\n"
" local p = packed and cmsgpack.unpack(packed)\n"
" if p and p[4] > now then\n"
"  out[#out + 1] = string.format('%.0f', p[4])\n"
"  out[#out + 1] = string.format('%.0f', p[3])\n"
"  out[#out + 1] = member\n"
" end\n"
"end\n"
"return out\n",

/* KEYS windows-of-the-subject blocked; ARGV subject rule-NUL, '' for all */
[SCRIPT_FORGIVE] =
"for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do\n"
" if string.sub(field, 1, #ARGV[2]) == ARGV[2] then\n"
"  redis.call('HDEL', KEYS[1], field)\n"
"  redis.call('ZREM', KEYS[2], ARGV[1] .. '\\0' .. field)\n"
" end\n"
"end\n"
"return 1\n"
};
/* clang-format on */
