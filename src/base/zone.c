/*
 * TZif files: the transitions of the 64-bit block, and behind the last one
 * the rule in the footer. Only offsets are read, no names, no leap seconds.
 * Must never read outside of the bytes of the file, whatever it says, nor
 * open a file that is not below the folder.
 */
#include "zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "text.h"

enum {
	HEADER = 44,
	TYPE_SIZE = 6,
	FILE_LIMIT = 1 << 16,
	NAME_LIMIT = 64,
	DAY_S = 86400,
	HOUR_S = 3600,
	MINUTE_S = 60,
	WEEK = 7,
	MONTHS = 12,
	CHANGE_S = 2 * HOUR_S /* when a rule does not say */
};

/* ---- numbers of the file -------------------------------------------------- */

/* size: 4 or 8; big-endian, signed. */
static int64_t number(const unsigned char *at, size_t size)
{
	uint64_t value = at[0] & 0x80U ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return (int64_t)value;
}

/* One block: its counts, and where its parts begin. */
struct block {
	const unsigned char *times, *indexes, *types, *end;
	size_t time_size, time_count, type_count;
};

static bool block_read(const unsigned char *at, size_t left, size_t time_size,
	struct block *out)
{
	size_t counts[6]; /* isut, isstd, leap, time, type, char */
	size_t size;

	if (left < HEADER || memcmp(at, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < 6; i++) {
		const int64_t count = number(at + 20 + 4 * i, 4);

		if (count < 0 || count > FILE_LIMIT)
			return false;
		counts[i] = (size_t)count;
	}
	size = counts[3] * (time_size + 1) + counts[4] * TYPE_SIZE + counts[5] +
	       counts[2] * (time_size + 4) + counts[1] + counts[0];
	if (size > left - HEADER || counts[4] == 0)
		return false;
	*out = (struct block){.times = at + HEADER,
		.time_size = time_size,
		.time_count = counts[3],
		.type_count = counts[4],
		.end = at + HEADER + size};
	out->indexes = out->times + counts[3] * time_size;
	out->types = out->indexes + counts[3];
	return true;
}

/* ---- the footer's rule ------------------------------------------------------ */

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
struct rule {
	int64_t std, dst; /* seconds east */
	bool has_dst;
	struct change {
		int64_t month, week, weekday, time; /* time: seconds */
	} from, to;
};

static bool take_number(const char **at, int64_t *out)
{
	int64_t value = 0;
	size_t digits = 0;

	for (; **at >= '0' && **at <= '9' && digits < 4; (*at)++, digits++)
		value = value * 10 + (**at - '0');
	*out = value;
	return digits > 0;
}

/* "[+-]hh[:mm[:ss]]" */
static bool take_time(const char **at, int64_t *out)
{
	const bool minus = **at == '-';
	int64_t unit = HOUR_S, part, value = 0;

	if (**at == '-' || **at == '+')
		(*at)++;
	do {
		if (!take_number(at, &part))
			return false;
		value += part * unit;
		unit /= MINUTE_S;
	} while (unit > 0 && **at == ':' && (*at)++);
	*out = minus ? -value : value;
	return true;
}

static bool take_name(const char **at)
{
	size_t len;

	if (**at == '<') {
		len = strcspn(*at, ">");
		*at += len;
		return *(*at)++ == '>';
	}
	len = strspn(
		*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	*at += len;
	return len > 0;
}

/* ",M3.5.0[/time]"; the other forms of days are in no file in use. */
static bool take_change(const char **at, struct change *out)
{
	out->time = CHANGE_S;
	if (*(*at)++ != ',' || *(*at)++ != 'M' ||
		!take_number(at, &out->month) || *(*at)++ != '.' ||
		!take_number(at, &out->week) || *(*at)++ != '.' ||
		!take_number(at, &out->weekday) || out->month < 1 ||
		out->month > MONTHS || out->week < 1 || out->week > 5 ||
		out->weekday > 6)
		return false;
	if (**at != '/')
		return true;
	(*at)++;
	return take_time(at, &out->time);
}

static bool rule_read(const char *text, struct rule *out)
{
	struct rule rule = {0};
	const char *at = text;

	if (!take_name(&at) || !take_time(&at, &rule.std))
		return false;
	rule.std = -rule.std;
	if (*at != '\0') {
		rule.has_dst = true;
		rule.dst = rule.std + HOUR_S;
		if (!take_name(&at))
			return false;
		if (*at != ',') {
			if (!take_time(&at, &rule.dst))
				return false;
			rule.dst = -rule.dst;
		}
		if (!take_change(&at, &rule.from) ||
			!take_change(&at, &rule.to) || *at != '\0')
			return false;
	}
	*out = rule;
	return true;
}

/* Seconds since 1970, by the wall clock there, of a change in a year. */
static int64_t change_at(int64_t year, const struct change *change)
{
	const bool december = change->month == MONTHS;
	const int64_t first = time_days(year, (int)change->month, 1);
	const int64_t next = time_days(
		year + december, december ? 1 : (int)change->month + 1, 1);
	/* 1970-01-01 was a Thursday */
	const int64_t weekday = ((first + 4) % WEEK + WEEK) % WEEK;
	int64_t day = first + (change->weekday - weekday + WEEK) % WEEK +
		      (change->week - 1) * WEEK;

	while (day >= next)
		day -= WEEK;
	return day * DAY_S + change->time;
}

static int64_t floor_day(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - DAY_S + 1) / DAY_S;
}

static int64_t rule_offset(const struct rule *rule, int64_t at)
{
	const int64_t year = time_date(floor_day(at + rule->std)).year;
	const int64_t from = change_at(year, &rule->from) - rule->std;
	const int64_t to = change_at(year, &rule->to) - rule->dst;
	bool summer;

	if (!rule->has_dst)
		return rule->std;
	/* in the south the summer goes over the new year */
	summer = from < to ? at >= from && at < to : at >= from || at < to;
	return summer ? rule->dst : rule->std;
}

/* ---- one moment ---------------------------------------------------------------- */

static int64_t type_offset(const struct block *block, size_t type)
{
	if (type >= block->type_count)
		return 0;
	return number(block->types + type * TYPE_SIZE, 4);
}

/* False: behind the last transition, ask the footer. */
static bool table_offset(const struct block *block, int64_t at, int64_t *out)
{
	size_t count = block->time_count;

	if (count == 0) {
		*out = type_offset(block, 0);
		return false;
	}
	while (count > 0 &&
		number(block->times + (count - 1) * block->time_size,
			block->time_size) > at)
		count--;
	*out = type_offset(block, count > 0 ? block->indexes[count - 1] : 0);
	return count < block->time_count;
}

/* Between the two line feeds behind the last block. */
static const char *footer_of(
	struct arena *arena, const unsigned char *at, const unsigned char *end)
{
	const unsigned char *stop;

	if (at >= end || *at++ != '\n')
		return "";
	stop = memchr(at, '\n', (size_t)(end - at));
	return stop ? arena_copy(arena, (const char *)at, (size_t)(stop - at))
		    : "";
}

static int64_t offset_in(
	struct arena *arena, const unsigned char *bytes, size_t len, int64_t at)
{
	const unsigned char *end = bytes + len;
	struct block block;
	struct rule rule;
	int64_t offset = 0;

	if (!block_read(bytes, len, 4, &block))
		return 0;
	if (bytes[4] < '2') {
		(void)table_offset(&block, at, &offset);
		return offset;
	}
	if (!block_read(block.end, (size_t)(end - block.end), 8, &block))
		return 0;
	if (!table_offset(&block, at, &offset) &&
		rule_read(footer_of(arena, block.end, end), &rule))
		return rule_offset(&rule, at);
	return offset;
}

static bool is_name(const char *zone)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_+/-";
	const size_t len = strlen(zone);

	return len > 0 && len <= NAME_LIMIT && zone[0] != '/' &&
	       strspn(zone, allowed) == len;
}

struct zone_time zone_time(struct arena *arena, const char *folder,
	const char *zone, int64_t now_ms)
{
	const int64_t at = now_ms / 1000;
	int64_t offset = 0, local;
	char *bytes;
	size_t len;

	if (is_name(zone) && !text_equal(zone, "UTC") &&
		file_read(arena, file_join(arena, folder, zone), FILE_LIMIT,
			&bytes, &len) == ERR_OK)
		offset =
			offset_in(arena, (const unsigned char *)bytes, len, at);
	/* of a broken file: no zone is a day away */
	if (offset < -DAY_S || offset > DAY_S)
		offset = 0;
	local = at + offset;
	return (struct zone_time){.day = floor_day(local),
		.minute = (local - floor_day(local) * DAY_S) / MINUTE_S};
}

bool zone_is_known(const char *folder, const char *zone)
{
	struct stat about;
	bool known;
	int fd;

	if (!is_name(zone) || text_equal(zone, "UTC"))
		return is_name(zone);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return true;
	known = fstatat(fd, zone, &about, 0) == 0 && S_ISREG(about.st_mode);
	close(fd);
	return known;
}
