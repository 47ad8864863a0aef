/*
 * From settings to the guard. Must never start with a limit that was not
 * understood.
 */
#include "guard.h"

#include <elf.h>
#include <link.h>

#include "text.h"
#include "trace.h"

enum {
	MS = 1000,
	WAIT_MS = 50,
	HOLD_MORE_MS = 1000, /* than a request may take */
	NOTE_NAME_BYTES = 4, /* "GNU" */
	/* Beyond all use, and so that windows are counted in 64 bits: this
	   many, squared or in a week's milliseconds, fits. */
	LIMIT_MOST = 1000000000
};

/* ---- which build this is ----------------------------------------------- */

struct build {
	struct arena *arena;
	const char *id; /* hex, or NULL */
};

static void read_note(
	const ElfW(Phdr) * part, ElfW(Addr) base, struct build *build)
{
	const unsigned char *at =
		(const unsigned char *)(uintptr_t)(base + part->p_vaddr);
	const unsigned char *end = at + part->p_memsz;
	ElfW(Nhdr) note;

	while ((size_t)(end - at) > sizeof(note)) {
		memcpy(&note, at, sizeof(note));
		at += sizeof(note) + ((note.n_namesz + 3U) & ~3U);
		if (note.n_type == NT_GNU_BUILD_ID &&
			note.n_namesz == NOTE_NAME_BYTES &&
			(size_t)(end - at) >= note.n_descsz) {
			build->id = text_hex(build->arena, at, note.n_descsz);
			return;
		}
		at += (note.n_descsz + 3U) & ~3U;
	}
}

/* The first object is the program itself: stop after it. */
static int visit_program(struct dl_phdr_info *info, size_t size, void *context)
{
	struct build *build = context;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum && !build->id; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			read_note(&info->dlpi_phdr[i], info->dlpi_addr, build);
	return 1;
}

/* Answers that another build kept may have another shape. */
static const char *build_id(struct arena *arena)
{
	struct build build = {.arena = arena};

	(void)dl_iterate_phdr(visit_program, &build);
	return build.id ? build.id : "unknown";
}

/* ---- parts ------------------------------------------------------------- */

static enum err rates_bound(const struct rates *rates, struct report *report)
{
	for (size_t i = 0; i < RATE_RULE_COUNT; i++) {
		const struct rate_view rule =
			rates_rule(rates, (enum rate_rule)i);

		if (rule.limit <= LIMIT_MOST)
			continue;
		report_detail(report, "The limit \"%s\" is over %d", rule.name,
			LIMIT_MOST);
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static enum err rates_start(const struct config *config, struct arena *arena,
	struct report *report, struct guard *guard)
{
	struct rate_settings settings = {
		.exempt = config->rate_exempt,
		.patience = config->rate_patience,
		.cooldown_s = config->rate_cooldown_s,
		.cooldown_cap_s = config->rate_cooldown_cap_s,
	};
	enum err err;

	memcpy(settings.rules, config->rate_rules, sizeof(settings.rules));
	settings.rules[RATE_RULE_GENERAL] = arena_format(arena, "%lld/%lld",
		(long long)config->rate_requests,
		(long long)config->rate_window_s);
	err = rates_open(arena, &settings, report, &guard->rates);
	return err == ERR_OK ? rates_bound(guard->rates, report) : err;
}

static struct cache_settings cache_make(
	const struct config *config, struct arena *arena)
{
	struct cache_settings cache = {
		.stale_ms = config->cache_stale_s * MS,
		.wait_ms = WAIT_MS,
		.hold_ms = config->request_ms + HOLD_MORE_MS,
		.build = build_id(arena),
	};

	for (size_t i = 0; i < CACHE_KEPT_COUNT; i++)
		cache.life_ms[i] = config->cache_ttl_s[i] * MS;
	return cache;
}

void guard_check(const struct config *config, struct report *report)
{
	struct arena *arena = report->arena;
	struct report *found = report_open(arena);
	struct guard guard = {.rates = NULL};
	struct address_nets nets;

	if (rates_start(config, arena, found, &guard) != ERR_OK)
		report_fault(report, "RATE_LIMIT_*", "%s", found->detail);
	if (cors_parse(arena, config->cors_origins, found, &guard.cors) !=
		ERR_OK)
		report_fault(report, "CORS_ORIGINS", "%s", found->detail);
	if (address_nets_parse(arena, config->trusted_proxies, found, &nets) !=
		ERR_OK)
		report_fault(report, "TRUSTED_PROXIES", "%s", found->detail);
}

enum err guard_open(const struct config *config, struct arena *arena,
	struct report *report, struct guard *out)
{
	struct guard guard = {.cache = cache_make(config, arena),
		.origin = origin_of_url(arena, config->public_url)};
	enum err err = rates_start(config, arena, report, &guard);

	if (err == ERR_OK)
		err = cors_parse(
			arena, config->cors_origins, report, &guard.cors);
	if (err == ERR_OK)
		err = address_nets_parse(
			arena, config->trusted_proxies, report, &guard.proxies);
	if (err == ERR_OK && config->trace_file[0] != '\0') {
		err = tracing_open(arena, config->trace_file, &guard.tracing);
		if (err != ERR_OK)
			report_detail(report, "TRACE_FILE does not open");
	}
	if (err == ERR_OK)
		*out = guard;
	return err;
}

enum err guard_again(const struct config *config, struct arena *arena,
	struct report *report, const struct tracing *tracing, struct guard *out)
{
	struct config untraced = *config;
	enum err err;

	untraced.trace_file = "";
	err = guard_open(&untraced, arena, report, out);
	if (err == ERR_OK)
		out->tracing = tracing;
	return err;
}

void guard_offer(const struct guard *guard, struct services *services)
{
	services->rates = guard->rates;
	services->tracing = guard->tracing;
	services->cache = &guard->cache;
	services->cors = &guard->cors;
	services->trusted_proxies = &guard->proxies;
	services->origin = guard->origin;
}
