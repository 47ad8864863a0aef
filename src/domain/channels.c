/*
 * Channels made, changed and removed by their owner. A webhook's address
 * often holds a token, so it is sealed as its key is; only its host is shown.
 * Must never answer a secret but the key of a new webhook, once.
 */
#include "channels.h"

#include "events_private.h"
#include "id.h"
#include "json.h"
#include "owned_private.h"
#include "page_private.h"
#include "secret.h"
#include "text.h"
#include "secret_put_private.h"
#include "vector_private.h"

const char *const channel_kinds[] = {"telegram", "email", "webhook", NULL};

enum {
	KEY_BYTES = 32,
	MAIL_LIMIT = 254,
	MAIL_LOCAL_LIMIT = 64
};

#define CHANNEL_COLUMNS                                             \
	"id, kind, address, events, enabled, failures, last_error," \
	" sent_at, created_at, updated_at"

static const char count_sql[] =
	"SELECT COUNT(*) FROM channels WHERE user_id = :owner";
static const char insert_sql[] =
	"INSERT INTO channels (user_id, id, kind, address, events, enabled,"
	" created_at, updated_at) VALUES (:owner, :id, :kind, :address,"
	" :events, :enabled, :now, :now)";
static const char list_sql[] =
	"SELECT " CHANNEL_COLUMNS " FROM channels WHERE user_id = :owner"
	" ORDER BY id";
static const char get_sql[] =
	"SELECT " CHANNEL_COLUMNS " FROM channels WHERE user_id = :owner"
	" AND id = :id";
static const char update_sql[] =
	"UPDATE channels SET events = coalesce(:events, events),"
	" enabled = coalesce(:enabled, enabled), failures = 0,"
	" updated_at = :now WHERE user_id = :owner AND id = :id";
static const char remove_sql[] =
	"DELETE FROM channels WHERE user_id = :owner AND id = :id";

const char *channel_url_name(struct arena *arena, const char *channel_id)
{
	return arena_format(arena, "channel.%s.url", channel_id);
}

const char *channel_key_name(struct arena *arena, const char *channel_id)
{
	return arena_format(arena, "channel.%s.key", channel_id);
}

/* ---- events as bits ------------------------------------------------------ */

static int64_t bits_of(const struct text_list *events)
{
	uint64_t bits = 0;

	for (size_t i = 0; event_choices[i]; i++) {
		bool wanted = events->count == 0;

		for (size_t j = 0; j < events->count; j++)
			wanted |=
				text_equal(events->items[j], event_choices[i]);
		bits |= (uint64_t)wanted << i;
	}
	return (int64_t)bits;
}

static struct text_list events_of(struct arena *arena, int64_t bits)
{
	struct text_list list = {.items = arena_array(arena, EVENT_CHOICES,
					 sizeof(*list.items))};

	for (size_t i = 0; event_choices[i]; i++)
		if ((uint64_t)bits >> i & 1U)
			list.items[list.count++] = event_choices[i];
	return list;
}

/* ---- read ------------------------------------------------------------------ */

static const struct timestamp *time_of(
	struct arena *arena, const struct rows *rows, int column)
{
	struct timestamp *time = arena_alloc(arena, sizeof(*time));

	time->ms = rows_int(rows, column);
	return time->ms ? time : NULL;
}

static void view_read(
	struct arena *arena, const struct rows *rows, struct channel_view *out)
{
	*out = (struct channel_view){
		.id = rows_text(rows, 0),
		.kind = rows_text(rows, 1),
		.address = rows_text(rows, 2),
		.events = events_of(arena, rows_int(rows, 3)),
		.enabled = rows_int(rows, 4) != 0,
		.failures = rows_int(rows, 5),
		.last_error = rows_text(rows, 6),
		.sent_at = time_of(arena, rows, 7),
		.created_at = {rows_int(rows, 8)},
		.updated_at = {rows_int(rows, 9)},
	};
}

enum err channel_list(struct scope *scope, struct list *out)
{
	struct vector views;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, list_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&views, scope_arena(scope), sizeof(struct channel_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		view_read(scope_arena(scope), rows, vector_add(&views));
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){views.items, views.count};
	return err;
}

enum err channel_get(
	struct scope *scope, const char *id, struct channel_view *out)
{
	struct rows *rows;
	enum err err = id_is_valid(id)
			       ? scope_one(scope, get_sql,
					 BINDS(bind_text(":id", id)), &rows)
			       : ERR_NOT_FOUND;

	if (err != ERR_OK)
		return err;
	view_read(scope_arena(scope), rows, out);
	rows_end(rows);
	return ERR_OK;
}

/* ---- what may be made -------------------------------------------------------- */

/* What stands in it goes into lines of SMTP: a closed alphabet. */
static bool is_mail_address(const char *text)
{
	static const char local[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.!#$%&'*+/=?^_{|}~-";
	static const char domain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.-";
	const size_t len = strspn(text, local);
	const char *host = text + len + 1;

	return len > 0 && len <= MAIL_LOCAL_LIMIT && text[len] == '@' &&
	       text[0] != '.' && text[0] != '-' && strlen(text) <= MAIL_LIMIT &&
	       host[0] != '\0' && host[0] != '.' && host[0] != '-' &&
	       host[strspn(host, domain)] == '\0' && strchr(host, '.') &&
	       host[strlen(host) - 1] != '.';
}

static void check_mail(struct report *report,
	const struct notify_limits *limits, const struct channel_new *in)
{
	if (!limits->mail)
		report_fault(
			report, "/kind", "e-mail is not set up on this server");
	if (!in->address || !is_mail_address(in->address))
		report_fault(report, "/address", "must be an e-mail address");
	if (in->url)
		report_fault(report, "/url", "is for webhooks");
}

static void check_webhook(struct scope *scope,
	const struct notify_limits *limits, const struct channel_new *in,
	struct channel_url *url)
{
	struct report *report = scope_report(scope);

	if (in->address)
		report_fault(report, "/address", "is for e-mail");
	if (!in->url ||
		channel_url_split(scope_arena(scope), in->url, url) != ERR_OK)
		report_fault(report, "/url",
			"must be an address such as "
			"https://example.org/path");
	else if (!channel_host_is_allowed(limits->webhook_hosts, url))
		report_fault(report, "/url",
			"is at a host or port that this server does not call");
}

static enum err check(struct scope *scope, const struct notify_limits *limits,
	const struct channel_new *in, struct channel_url *url)
{
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;

	if (text_equal(in->kind, "email"))
		check_mail(report, limits, in);
	else if (text_equal(in->kind, "webhook"))
		check_webhook(scope, limits, in, url);
	else if (in->address || in->url)
		report_fault(report, in->url ? "/url" : "/address",
			"is not for Telegram: it uses the token and the chat "
			"id of the settings");
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

/* ---- made, changed, removed ---------------------------------------------------- */

static enum err secrets_put(struct scope *scope, struct vault *vault,
	const struct channel_new *in, struct channel_view *view)
{
	struct arena *arena = scope_arena(scope);
	unsigned char key[KEY_BYTES];
	enum err err;

	if (!in->url)
		return ERR_OK;
	random_bytes(key, sizeof(key));
	view->key = text_base64url(arena, key, sizeof(key));
	secret_wipe(key, sizeof(key));
	err = user_secret_put(
		scope, vault, channel_url_name(arena, view->id), in->url);
	if (err == ERR_OK)
		err = user_secret_put(scope, vault,
			channel_key_name(arena, view->id), view->key);
	return err;
}

static enum err create(struct scope *scope, struct vault *vault,
	const struct notify_limits *limits, const struct channel_new *in,
	struct channel_view *view)
{
	enum err err = owned_quota_check(
		scope, count_sql, limits->channels, "channels");

	if (err == ERR_OK)
		err = scope_run(scope, insert_sql,
			BINDS(bind_text(":id", view->id),
				bind_text(":kind", view->kind),
				bind_text(":address", view->address),
				bind_int(":events", bits_of(&in->events)),
				bind_int(":enabled", in->enabled),
				bind_int(":now", scope_now(scope))),
			NULL);
	return err == ERR_OK ? secrets_put(scope, vault, in, view) : err;
}

enum err channel_create(struct scope *scope, struct vault *vault,
	const struct notify_limits *limits, const struct channel_new *in,
	struct channel_view *out)
{
	struct arena *arena = scope_arena(scope);
	const int64_t now = scope_now(scope);
	struct channel_url url = {0};
	struct channel_view view = {.id = id_new(arena, now),
		.kind = in->kind,
		.events = events_of(arena, bits_of(&in->events)),
		.enabled = in->enabled,
		.created_at = {now},
		.updated_at = {now}};
	enum err err = check(scope, limits, in, &url);

	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	view.address = in->url ? url.base : in->address;
	err = create(scope, vault, limits, in, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

static enum err update(struct scope *scope, const struct channel_change *in,
	struct channel_view *view)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, update_sql,
		BINDS(in->events.count > 0
				? bind_int(":events", bits_of(&in->events))
				: bind_null(":events"),
			in->enabled ? bind_int(":enabled", in->enabled->truth)
				    : bind_null(":enabled"),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", in->id)),
		&changed);

	if (err == ERR_OK && changed != 1)
		return ERR_NOT_FOUND;
	return err == ERR_OK ? channel_get(scope, in->id, view) : err;
}

enum err channel_update(struct scope *scope, const struct channel_change *in,
	struct channel_view *out)
{
	struct channel_view view;
	enum err err;

	if (in->enabled && in->enabled->kind != JSON_BOOL) {
		report_fault(scope_report(scope), "/enabled",
			"must be true or false");
		return ERR_BAD_INPUT;
	}
	err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = update(scope, in, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

static enum err remove_all(struct scope *scope, const char *id)
{
	struct arena *arena = scope_arena(scope);
	int64_t changed = 0;
	enum err err = scope_run(
		scope, remove_sql, BINDS(bind_text(":id", id)), &changed);

	if (err == ERR_OK && changed != 1)
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = user_secret_drop(scope, channel_url_name(arena, id));
	if (err == ERR_OK)
		err = user_secret_drop(scope, channel_key_name(arena, id));
	return err;
}

enum err channel_remove(struct scope *scope, const char *id)
{
	enum err err = id_is_valid(id) ? scope_begin(scope) : ERR_NOT_FOUND;

	if (err != ERR_OK)
		return err;
	err = remove_all(scope, id);
	return scope_end(scope, err);
}
