/*
 * The failure counters behind login_delay_private.h. Holds names only as
 * keyed hashes, and never answers differently for names that exist.
 */
#include "login_delay_private.h"

#include <arpa/inet.h>

#include "buf.h"
#include "text.h"

enum {
	SOURCE_FREE_FACTOR = 4, /* many people may share one address */
	DOUBLINGS_LIMIT = 20,	/* 2^20 s is over any cap */
	FORGET_MIN_MS = 60 * MINUTE_MS,
	V6_NETWORK_BYTES = 8,
	V6_MAPPED_AT = 12,
};

/* One failure is forgiven per so many ms without another. */
static const int64_t account_forgive_ms = INT64_C(60) * MINUTE_MS;
static const int64_t source_forgive_ms = MINUTE_MS;
const char login_limited_event[] = "auth.login.limited";
const char login_limited_detail[] =
	"Too many failed attempts. Try again later.";

static const char failures_get_sql[] =
	"SELECT failures, last_at FROM login_failures"
	" WHERE subject = :subject AND source = :source";
static const char failures_put_sql[] =
	"INSERT INTO login_failures (subject, source, failures, last_at)"
	" VALUES (:subject, :source, :failures, :now)"
	" ON CONFLICT (subject, source) DO UPDATE"
	" SET failures = excluded.failures, last_at = excluded.last_at";
static const char failures_less_sql[] =
	"UPDATE login_failures SET failures = failures - 1"
	" WHERE subject = :subject AND source = :source AND failures > 0";
static const char failures_drop_sql[] =
	"DELETE FROM login_failures"
	" WHERE subject = :subject AND source = :source";

int64_t login_forget_ms(const struct auth_settings *settings)
{
	int64_t twice = 2 * settings->login_delay_cap_s * MS;

	return twice > FORGET_MIN_MS ? twice : FORGET_MIN_MS;
}

const char *login_source(struct arena *arena, const char *address)
{
	static const unsigned char mapped[V6_MAPPED_AT] = {
		[10] = 0xff, [11] = 0xff};
	struct in6_addr v6;
	struct in_addr v4;

	if (address && inet_pton(AF_INET, address, &v4) == 1)
		return text_hex(arena, (const unsigned char *)&v4, sizeof(v4));
	if (!address || inet_pton(AF_INET6, address, &v6) != 1)
		return "unknown";
	if (memcmp(v6.s6_addr, mapped, sizeof(mapped)) == 0)
		return text_hex(arena, v6.s6_addr + V6_MAPPED_AT, sizeof(v4));
	return text_hex(arena, v6.s6_addr, V6_NETWORK_BYTES);
}

static enum err attempt_init(struct auth *auth, const struct auth_call *call,
	const char *username, struct login_attempt *out)
{
	struct buf name;
	enum err err;

	/* the prefix keeps an empty name apart from the source's counter */
	buf_init(&name, call->arena, PASSWORD_BYTES_LIMIT);
	buf_text(&name, "name:");
	buf_text(&name, username_fold(call->arena, username));
	err = hash_make(&auth->hashes, HASH_LOGIN_NAME, name.data, name.len,
		out->account);
	if (err == ERR_OK)
		err = hash_make(
			&auth->hashes, HASH_LOGIN_NAME, "", 0, out->anyone);
	if (err == ERR_OK)
		out->source = login_source(call->arena, call->address);
	return err;
}

enum {
	COUNTERS = 2
};

/* Of one source. */
struct counter {
	const unsigned char *subject;
	int64_t free;	    /* failures before the first wait */
	int64_t forgive_ms; /* one less per so long */
	int64_t failures;   /* as of now */
	int64_t wait_ms;    /* before the next attempt */
};

static void counter_weigh(struct counter *counter, int64_t now, int64_t last,
	int64_t failures, const struct auth_settings *settings)
{
	int64_t age = now > last ? now - last : 0;
	int64_t cap = settings->login_delay_cap_s * MS;
	int64_t over = failures - counter->free, delay = 0;

	if (over >= 0)
		delay = MS << (over < DOUBLINGS_LIMIT ? over : DOUBLINGS_LIMIT);
	delay = delay < cap ? delay : cap;
	counter->wait_ms = delay > age ? delay - age : 0;
	failures -= age / counter->forgive_ms;
	if (failures < 0 || age >= login_forget_ms(settings))
		failures = 0;
	counter->failures = failures;
}

static enum err counter_read(struct auth *auth, const struct auth_call *call,
	const char *source, struct counter *counter)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, failures_get_sql,
		BINDS(bind_blob(":subject", counter->subject, HASH_BYTES),
			bind_text(":source", source)),
		&rows);

	counter->failures = 0;
	counter->wait_ms = 0;
	if (err != ERR_OK || !rows)
		return err;
	counter_weigh(counter, call->now, rows_int(rows, 1), rows_int(rows, 0),
		&auth->settings);
	rows_end(rows);
	return ERR_OK;
}

static enum err counter_write(struct auth *auth, const struct auth_call *call,
	const char *source, const struct counter *counter)
{
	int64_t most = counter->free + DOUBLINGS_LIMIT;
	int64_t failures = counter->failures + 1;

	return db_run(auth->db, failures_put_sql,
		BINDS(bind_blob(":subject", counter->subject, HASH_BYTES),
			bind_text(":source", source),
			bind_int(
				":failures", failures < most ? failures : most),
			bind_int(":now", call->now)),
		NULL);
}

/* What one attempt is charged to. */
struct charge {
	const char *source;
	struct counter counters[COUNTERS];
};

/* Reads the counters; ERR_RATE_LIMITED while any has a wait to go. */
static enum err charge_check(
	struct auth *auth, const struct auth_call *call, struct charge *charge)
{
	int64_t wait_ms = 0;

	for (size_t i = 0; i < COUNTERS; i++) {
		struct counter *counter = &charge->counters[i];
		enum err err =
			counter_read(auth, call, charge->source, counter);

		if (err != ERR_OK)
			return err;
		if (counter->wait_ms > wait_ms)
			wait_ms = counter->wait_ms;
	}
	if (wait_ms == 0)
		return ERR_OK;
	call->report->retry_after_s = (wait_ms + MS - 1) / MS;
	report_detail(call->report, "%s", login_limited_detail);
	report_event(call->report, login_limited_event);
	return ERR_RATE_LIMITED;
}

static enum err charge_write(
	struct auth *auth, const struct auth_call *call, struct charge *charge)
{
	enum err err = db_begin(auth->db);

	if (err != ERR_OK)
		return err;
	/* again, under the write lock: others were charging meanwhile */
	err = charge_check(auth, call, charge);
	for (size_t i = 0; i < COUNTERS && err == ERR_OK; i++)
		err = counter_write(
			auth, call, charge->source, &charge->counters[i]);
	return db_finish(auth->db, err);
}

static struct charge login_counters(
	const struct auth *auth, const struct login_attempt *attempt)
{
	const int64_t free_failures = auth->settings.login_free_failures;

	return (struct charge){
		.source = attempt->source,
		.counters = {{.subject = attempt->account,
				     .free = free_failures,
				     .forgive_ms = account_forgive_ms},
			{.subject = attempt->anyone,
				.free = SOURCE_FREE_FACTOR * free_failures,
				.forgive_ms = source_forgive_ms}},
	};
}

enum err login_attempt_check(struct auth *auth, const struct auth_call *call,
	const char *username, struct login_attempt *out)
{
	struct login_attempt attempt;
	struct charge charge;
	enum err err = attempt_init(auth, call, username, &attempt);

	if (err != ERR_OK)
		return err;
	charge = login_counters(auth, &attempt);
	err = charge_check(auth, call, &charge);
	if (err == ERR_OK)
		*out = attempt;
	return err;
}

enum err login_charge(struct auth *auth, const struct auth_call *call,
	const struct login_attempt *attempt)
{
	struct charge charge = login_counters(auth, attempt);

	return charge_write(auth, call, &charge);
}

static enum err counter_run(struct auth *auth, const char *sql,
	const unsigned char subject[HASH_BYTES], const char *source)
{
	return db_run(auth->db, sql,
		BINDS(bind_blob(":subject", subject, HASH_BYTES),
			bind_text(":source", source)),
		NULL);
}

enum err login_clear(struct auth *auth, const struct login_attempt *attempt)
{
	enum err err = counter_run(
		auth, failures_drop_sql, attempt->account, attempt->source);

	if (err != ERR_OK)
		return err;
	return counter_run(
		auth, failures_less_sql, attempt->anyone, attempt->source);
}

void login_refund(struct auth *auth, const struct login_attempt *attempt)
{
	enum err account = counter_run(
		auth, failures_less_sql, attempt->account, attempt->source);
	enum err anyone = counter_run(
		auth, failures_less_sql, attempt->anyone, attempt->source);

	/* a refund that fails leaves a charge that time forgives */
	(void)account;
	(void)anyone;
}
