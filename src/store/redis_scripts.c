/*
 * What Redis runs for us, each in one step and one round trip. The arithmetic
 * of SCRIPT_TAKE is that of window.c, the rules of tags and claims are those
 * of shelf_answers.c: change both, the conformance suite compares them. Every
 * key has a life, but for those few whose names are fixed (kontor:s:...). The
 * epoch stands in each answer, the era in each value: SCRIPT_MEET changes both
 * when Redis was away or started again, and what is of another one is nothing.
 *
 * Tags, claims, answers' heads and windows are words of eight bytes, the least
 * first ("<i8"); their order stands in redis_private.h. Lua's numbers are
 * doubles: exact for what is counted here. Numbers of the sequence are
 * microseconds of Redis' clock, so that none comes twice even when Redis has
 * read an old state back.
 */
#include "redis_link.h"

/* clang-format off */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* The next numbers of the sequence, in KEYS[1]; returns the first of them. */
#define NEXT \
"local function text(n) return string.format('%.0f', n) end\n" \
"local function numbers(count)\n" \
" local t = redis.call('TIME')\n" \
" local n = tonumber(redis.call('GET', KEYS[1]) or '0') + 1\n" \
" local us = tonumber(t[1]) * 1000000 + tonumber(t[2])\n" \
" if n < us then n = us end\n" \
" redis.call('SET', KEYS[1], text(n + count - 1))\n" \
" return n\n" \
"end\n"

/* A mark far in the future is of a clock that was set back since: void. */
#define LASTS \
"local function lasts(til, length)\n" \
" return now < til and til - now <= length\n" \
"end\n"

const char *const redis_scripts[SCRIPT_COUNT] = {
/* KEYS sequence epoch run era; ARGV run force */
[SCRIPT_MEET] = NEXT
"local run = redis.call('GET', KEYS[3])\n"
"if ARGV[2] == '1' or ARGV[1] == '' or run ~= ARGV[1] then\n"
" redis.call('SET', KEYS[3], ARGV[1])\n"
" redis.call('SET', KEYS[2], text(numbers(1)))\n"
" redis.call('SET', KEYS[4], text(numbers(1)))\n"
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

/* KEYS sequence epoch answer claim tag...; ARGV now claim_ms, then what was
   there when the caller looked: epoch, answer's head, claim, tag... ('': not
   there). Returns the claim's number and the tags as they are; 0 when anything
   has changed since. */
[SCRIPT_CLAIM] = NEXT
"local now, length = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
"if (redis.call('GET', KEYS[2]) or '') ~= ARGV[3]\n"
"  or redis.call('GETRANGE', KEYS[3], 0, 103) ~= ARGV[4] then\n"
" return {0}\n"
"end\n"
"for i = 4, #KEYS do\n"
" if (redis.call('GET', KEYS[i]) or '') ~= ARGV[i + 1] then return {0} end\n"
"end\n"
"local id = numbers(#KEYS)\n"
"local out = {id}\n"
"for i = 5, #KEYS do\n"
" local tag = ARGV[i + 1]\n"
" if #tag ~= 32 then\n"
"  tag = struct.pack('<i8i8i8i8', id + i - 4, 0, 0, 0)\n"
"  redis.call('SET', KEYS[i], tag, 'PX', 86400000)\n"
" end\n"
" out[i - 3] = tag\n"
"end\n"
"redis.call('SET', KEYS[4], struct.pack('<i8i8i8', now + length, length, id),\n"
" 'PX', length + 60000)\n"
"return out\n",

/* KEYS epoch answer claim tag...; ARGV now claim ('': none) epoch head body
   life; head '': only the claim ends */
[SCRIPT_KEEP] =
"local now, head = tonumber(ARGV[1]), ARGV[4]\n" LASTS
"if ARGV[2] ~= '' then\n"
" local claim = redis.call('GET', KEYS[3])\n"
" if claim and string.sub(claim, 17, 24) == ARGV[2] then\n"
"  redis.call('DEL', KEYS[3])\n"
" end\n"
"end\n"
"if head == '' or (redis.call('GET', KEYS[1]) or '0') ~= ARGV[3] then\n"
" return 0\n"
"end\n"
"for i = 4, #KEYS do\n"
" local tag, at = redis.call('GET', KEYS[i]), 41 + (i - 4) * 8\n"
" if not tag or #tag ~= 32\n"
"   or string.sub(tag, 1, 8) ~= string.sub(head, at, at + 7) then\n"
"  return 0\n"
" end\n"
" local til, length = struct.unpack('<i8i8', tag, 9)\n"
" if lasts(til, length) then return 0 end\n"
"end\n"
"redis.call('SET', KEYS[2], head .. ARGV[5], 'PX', ARGV[6] + 60000)\n"
"return 1\n",

/* KEYS sequence tag...; ARGV now hold_ms, 0: release */
[SCRIPT_MARK] = NEXT
"local now, hold = tonumber(ARGV[1]), tonumber(ARGV[2])\n" LASTS
"local version = numbers(#KEYS)\n"
"for i = 2, #KEYS do\n"
" local tag = redis.call('GET', KEYS[i])\n"
" local til, length, holders = 0, 0, 0\n"
" if tag and #tag == 32 then\n"
"  til, length, holders = struct.unpack('<i8i8i8', tag, 9)\n"
" end\n"
" if hold > 0 then\n"
"  if not lasts(til, length) then til, length, holders = 0, 0, 0 end\n"
"  holders = holders + 1\n"
"  if til < now + hold then til = now + hold end\n"
"  if length < hold then length = hold end\n"
" else\n"
"  if holders > 0 then holders = holders - 1 end\n"
"  if holders == 0 then til = 0 end\n"
" end\n"
" redis.call('SET', KEYS[i],\n"
"  struct.pack('<i8i8i8i8', version + i - 2, til, length, holders),\n"
"  'PX', 86400000 + hold)\n"
"end\n"
"return 1\n",

/* KEYS sequence epoch */
[SCRIPT_FLUSH] = NEXT
"redis.call('SET', KEYS[2], text(numbers(1)))\n"
"return 1\n",

/* KEYS windows-of-the-subject..., blocked; ARGV for each window: its field,
   and the words now skew limit window_ms patience cooldown cap exact. Returns
   for each window decided the words allowed blocked remaining reset retry.
   Straight on for the usual request, which is allowed; what a refusal needs
   stands behind it. A life is set when the window is new, turns, or refuses. */
[SCRIPT_TAKE] =
"local call, pack, unpack = redis.call, struct.pack, struct.unpack\n"
"local sub, floor, max, min = string.sub, math.floor, math.max, math.min\n"
"local function cooldown_of(level, first, cap)\n"
" local length\n"
" cap, length = max(cap, first), first\n"
" while level > 1 and length < cap do\n"
"  length = length * 2\n"
"  level = level - 1\n"
" end\n"
" return min(length, cap)\n"
"end\n"
"local out, written, lives = '', {}, {}\n"
"for i = 1, #KEYS - 1 do\n"
" local now, skew, limit, window, patience, cooldown, cap, exact =\n"
"  unpack('<i8i8i8i8i8i8i8i8', ARGV[2 * i])\n"
" local state = call('HGET', KEYS[i], ARGV[2 * i - 1])\n"
" local since, refusals, total, til, level, quiet = 0, 0, 0, 0, 0, 0\n"
" local start, present, past, n, before = 0, 0, 0, 0, -1\n"
" local from, more = 81, ''\n" /* the times: state from there on, and more */
" if state then\n"
"  since, refusals, total, til, level, quiet, start, present, past, n =\n"
"   unpack('<i8i8i8i8i8i8i8i8i8i8', state)\n"
"  before = start\n"
" else\n"
"  state = ''\n"
" end\n"
" local allowed, blocked, left, reset, retry = 0, 0, 0, 0, 0\n"
" local slot = now - now % window\n"
" if patience > 0 and til > now then\n"
"  local longest = max(cap, cooldown)\n"
"  if til - now > longest then\n"
"   til, quiet = now + longest, now + longest\n"
"  end\n"
"  total = total + 1\n"
"  blocked, reset, retry = 1, til - now, til - now\n"
" else\n"
"  if exact == 1 then\n"
"   local clock, newest = now, 0\n"
"   if n > 0 then newest = unpack('<i8', state, 73 + n * 8) end\n"
"   if newest > now and newest - now <= skew then clock = newest\n"
"   elseif newest > now then\n"
"    local moved = sub(state, 1, 80)\n"
"    for k = 1, n do\n"
"     local one = unpack('<i8', state, 73 + k * 8)\n"
"     moved = moved .. pack('<i8', min(one, now))\n"
"    end\n"
"    state = moved\n"
"   end\n"
"   while n > 0 do\n"
"    local one = unpack('<i8', state, from)\n"
"    if one > clock - window then break end\n"
"    from, n = from + 8, n - 1\n"
"   end\n"
"   if n < limit then\n"
"    more, n = pack('<i8', clock), n + 1\n"
"    allowed, left, newest = 1, limit - n, clock\n"
"   else\n"
"    newest = unpack('<i8', state, from + n * 8 - 8)\n"
"    retry = unpack('<i8', state, from + (n - limit) * 8) + window - now\n"
"   end\n"
"   reset, start = newest + window - now, slot\n"
"  else\n"
"   local come = 0\n"
"   if not (slot < start and start - now <= skew) then\n"
"    if slot > start then\n"
"     past = slot - start == window and present or 0\n"
"     present = 0\n"
"    end\n"
"    start, come = slot, now - slot\n"
"   end\n"
"   local rest = (limit - present) * window - past * (window - come)\n"
"   if rest >= window then\n"
"    present = present + 1\n"
"    allowed, left = 1, floor((rest - window) / window)\n"
"   else\n"
"    local free = limit - present - 1\n"
"    if free >= 0 and past > 0 then\n"
"     retry = max(window - floor(free * window / past) - come, 0)\n"
"    else\n"
"     free = floor((limit - 1) * window / max(present, 1))\n"
"     retry = window - come + max(window - free, 0)\n"
"    end\n"
"    retry = retry + start + come - now\n"
"   end\n"
"   reset = start + (present > 0 and 2 or 1) * window - now\n"
"  end\n"
"  if allowed == 0 and patience > 0 then\n"
"   local still = now - quiet\n"
"   while level > 0 and still >= cooldown_of(level, cooldown, cap) do\n"
"    still = still - cooldown_of(level, cooldown, cap)\n"
"    level = level - 1\n"
"   end\n"
"   if refusals == 0 or now - since >= window then\n"
"    if level == 0 then total = 0 end\n"
"    refusals, since = 0, now\n"
"   end\n"
"   if since > now then since = now end\n"
"   refusals, total, quiet = refusals + 1, total + 1, now\n"
"   if refusals >= patience then\n"
"    if level == 0 or cooldown_of(level, cooldown, cap) < cap then\n"
"     level = level + 1\n"
"    end\n"
"    local length = cooldown_of(level, cooldown, cap)\n"
"    til, quiet, refusals = now + length, now + length, 0\n"
"    blocked, retry, reset = 1, max(retry, length), max(reset, length)\n"
"   end\n"
"  end\n"
" end\n"
" out = out .. pack('<i8i8i8i8i8', allowed, blocked, left, reset, retry)\n"
" written[i] = pack('<i8i8i8i8i8i8i8i8i8i8', since, refusals, total, til,\n"
"  level, quiet, start, present, past, n) .. sub(state, from) .. more\n"
" if allowed == 0 or start ~= before then\n"
"  lives[i] = 2 * window + skew\n"
"  if level > 0 then\n"
"   local length = 3 * cooldown_of(level, cooldown, cap)\n"
"   lives[i] = max(lives[i], quiet - now + length)\n"
"  end\n"
" end\n"
" if allowed == 0 then\n"
"  if til > now then\n"
"   local list, member = KEYS[#KEYS], sub(KEYS[i], 10)\n"
"   call('ZADD', list, string.format('%.0f', til),\n"
"    member .. '\\0' .. ARGV[2 * i - 1])\n"
   /* not at once: another's clock may be behind */
"   call('ZREMRANGEBYSCORE', list, '-inf',\n"
"    string.format('%.0f', now - 3600000))\n"
"   call('ZREMRANGEBYRANK', list, 0, -10001)\n"
"   call('PEXPIRE', list, 2592000000)\n"
"  end\n"
"  for k = 1, i - 1 do written[k], lives[k] = false, nil end\n"
"  break\n"
" end\n"
"end\n"
"for i = 1, #written do\n"
" if written[i] then\n"
"  call('HSET', KEYS[i], ARGV[2 * i - 1], written[i])\n"
" end\n"
" if lives[i] then\n"
"  local life = lives[i] + 60000\n"
"  if call('PTTL', KEYS[i]) < life then\n"
"   call('PEXPIRE', KEYS[i], string.format('%.0f', life))\n"
"  end\n"
" end\n"
"end\n"
"return out\n",

/* KEYS blocked; ARGV now most prefix; returns until total member ... */
[SCRIPT_BLOCKED] =
"local now, out = tonumber(ARGV[1]), {}\n"
"local list = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)\n"
"for _, member in ipairs(list) do\n"
" local cut = string.find(member, '%z')\n"
" local key = ARGV[3] .. string.sub(member, 1, cut - 1)\n"
" local state = redis.call('HGET', key, string.sub(member, cut + 1))\n"
" local til, total = 0, 0\n"
" if state then total, til = struct.unpack('<i8i8', state, 17) end\n"
" if til > now then\n"
"  out[#out + 1] = string.format('%.0f', til)\n"
"  out[#out + 1] = string.format('%.0f', total)\n"
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
