/*
 * The tables of linked banks. Must never keep an access token but sealed, nor
 * one whose link is gone.
 */
#include "bank.h"

#include "id.h"
#include "owned_private.h"
#include "quote_private.h"
#include "secret_put_private.h"
#include "text.h"
#include "vector_private.h"

enum {
	SCALE = 8
};

static const char count_sql[] =
	"SELECT count(*) FROM bank_links WHERE user_id = :owner";
static const char find_sql[] =
	"SELECT id FROM bank_links WHERE user_id = :owner AND item_id = :item";
static const char add_sql[] =
	"INSERT INTO bank_links (user_id, id, item_id, institution, created_at)"
	" VALUES (:owner, :id, :item, :institution, :now)";
static const char links_sql[] =
	"SELECT id, institution, error, created_at, read_at FROM bank_links"
	" WHERE user_id = :owner ORDER BY id DESC";
static const char link_sql[] =
	"SELECT id, institution, error, created_at, read_at FROM bank_links"
	" WHERE user_id = :owner AND id = :id";
static const char remove_sql[] =
	"DELETE FROM bank_links WHERE user_id = :owner AND id = :id";
static const char read_sql[] =
	"UPDATE bank_links SET read_at = :now, error = NULL"
	" WHERE user_id = :owner AND id = :id";
static const char fail_sql[] = "UPDATE bank_links SET error = :error"
			       " WHERE user_id = :owner AND id = :id";
static const char forget_sql[] =
	"DELETE FROM bank_accounts WHERE user_id = :owner AND link_id = :link";
static const char account_sql[] =
	"INSERT INTO bank_accounts (user_id, link_id, account_id, name, mask,"
	" type, subtype, currency, available, current) VALUES (:owner, :link,"
	" :account, :name, :mask, :type, :subtype, :currency, :available,"
	" :current)";
static const char accounts_sql[] =
	"SELECT l.id, l.institution, l.read_at, a.account_id, a.name, a.mask,"
	" a.type, a.subtype, a.currency, a.available, a.current"
	" FROM bank_links l JOIN bank_accounts a ON a.user_id = l.user_id"
	" AND a.link_id = l.id WHERE l.user_id = :owner"
	" ORDER BY l.id, a.name, a.account_id";

const char *bank_secret_name(struct arena *arena, const char *link_id)
{
	return arena_format(arena, "bank:%s", link_id);
}

/* ---- links --------------------------------------------------------------- */

enum err bank_link_room(struct scope *scope, const struct limits *limits)
{
	return owned_quota_check(
		scope, count_sql, limits->bank_links, "linked banks");
}

/* The id of the item's link, or a new one. */
static enum err link_for(struct scope *scope, const struct limits *limits,
	const struct bank_link_new *in, const char **id)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, find_sql, BINDS(bind_text(":item", in->item_id)), &rows);

	if (err == ERR_OK) {
		*id = rows_text(rows, 0);
		rows_end(rows);
		return ERR_OK;
	}
	if (err == ERR_NOT_FOUND)
		err = bank_link_room(scope, limits);
	if (err != ERR_OK)
		return err;
	*id = id_new(scope_arena(scope), scope_now(scope));
	return scope_run(scope, add_sql,
		BINDS(bind_text(":id", *id), bind_text(":item", in->item_id),
			bind_text(":institution", in->institution),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err bank_link_put(struct scope *scope, const struct limits *limits,
	struct vault *vault, const struct bank_link_new *in, const char **id)
{
	const char *found = NULL;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = link_for(scope, limits, in, &found);
	if (err == ERR_OK)
		err = user_secret_put(scope, vault,
			bank_secret_name(scope_arena(scope), found),
			in->access_token);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*id = found;
	return err;
}

static struct bank_link_view link_view(
	struct scope *scope, const struct rows *rows)
{
	return (struct bank_link_view){
		.id = rows_text(rows, 0),
		.institution = rows_text(rows, 1),
		.error = rows_text(rows, 2),
		.created_at = {rows_int(rows, 3)},
		.read_at = rows_time(scope_arena(scope), rows, 4),
	};
}

enum err bank_links(struct scope *scope, struct list *out)
{
	struct vector links;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, links_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&links, scope_arena(scope), sizeof(struct bank_link_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct bank_link_view *)vector_add(&links) =
			link_view(scope, rows);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){links.items, links.count};
	return err;
}

enum err bank_link_get(
	struct scope *scope, const char *id, struct bank_link_view *out)
{
	struct rows *rows;
	enum err err =
		scope_one(scope, link_sql, BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return err;
	*out = link_view(scope, rows);
	rows_end(rows);
	return ERR_OK;
}

enum err bank_link_remove(struct scope *scope, const char *id)
{
	int64_t changed = 0;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_run(
		scope, remove_sql, BINDS(bind_text(":id", id)), &changed);
	if (err == ERR_OK && changed == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = user_secret_drop(
			scope, bank_secret_name(scope_arena(scope), id));
	return scope_end(scope, err);
}

enum err bank_link_fail(
	struct scope *scope, const char *link_id, const char *error)
{
	return scope_run(scope, fail_sql,
		BINDS(bind_text(":id", link_id), bind_text(":error", error)),
		NULL);
}

/* ---- accounts ------------------------------------------------------------ */

/* What has no room at eight digits is as good as not told. */
static struct bind amount(const char *name, const struct decimal *value)
{
	int64_t units;

	if (!value || quote_scale(value->units, value->scale, &units) != ERR_OK)
		return bind_null(name);
	return bind_int(name, units);
}

static enum err account_put(struct scope *scope, const char *link_id,
	const struct bank_account *account)
{
	return scope_run(scope, account_sql,
		BINDS(bind_text(":link", link_id),
			bind_text(":account", account->account_id),
			bind_text(":name", account->name),
			bind_text(":mask", account->mask),
			bind_text(":type", account->type),
			bind_text(":subtype", account->subtype),
			bind_text(":currency", account->currency),
			amount(":available", account->available),
			amount(":current", account->current)),
		NULL);
}

enum err bank_accounts_put(struct scope *scope, const char *link_id,
	const struct bank_account *accounts, size_t count)
{
	int64_t changed = 0;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_run(scope, read_sql,
		BINDS(bind_text(":id", link_id),
			bind_int(":now", scope_now(scope))),
		&changed);
	if (err == ERR_OK && changed == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = scope_run(scope, forget_sql,
			BINDS(bind_text(":link", link_id)), NULL);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = account_put(scope, link_id, &accounts[i]);
	return scope_end(scope, err);
}

static const struct decimal *amount_at(
	struct arena *arena, const struct rows *rows, int column)
{
	struct decimal *value;

	if (rows_is_null(rows, column))
		return NULL;
	value = arena_alloc(arena, sizeof(*value));
	*value = (struct decimal){rows_int(rows, column), SCALE};
	return value;
}

static struct bank_account_view account_view(
	struct arena *arena, const struct rows *rows)
{
	return (struct bank_account_view){
		.link_id = rows_text(rows, 0),
		.institution = rows_text(rows, 1),
		.read_at = rows_time(arena, rows, 2),
		.account = {.account_id = rows_text(rows, 3),
			.name = rows_text(rows, 4),
			.mask = rows_text(rows, 5),
			.type = rows_text(rows, 6),
			.subtype = rows_text(rows, 7),
			.currency = rows_text(rows, 8),
			.available = amount_at(arena, rows, 9),
			.current = amount_at(arena, rows, 10)},
	};
}

enum err bank_accounts(struct scope *scope, struct list *out)
{
	struct vector accounts;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, accounts_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&accounts, scope_arena(scope),
		sizeof(struct bank_account_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct bank_account_view *)vector_add(&accounts) =
			account_view(scope_arena(scope), rows);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){accounts.items, accounts.count};
	return err;
}
