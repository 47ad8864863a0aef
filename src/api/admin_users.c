/*
 * Other people's accounts. Who acts is in the admin scope; auth writes each
 * act to the audit in the transaction of the act, and keeps the last admin.
 */
#include "admin_users.h"

#include "account.h"
#include "guard_view.h"
#include "replies_private.h"
#include "text.h"

static const char *const roles[] = {"admin", "user", NULL};
static const char *const truths[] = {"true", "false", NULL};

struct users_query {
	int64_t limit;
	const char *cursor, *role, *disabled, *name;
};
static const struct field query_fields[] = {
	FIELD(struct users_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct users_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
	FIELD(struct users_query, role, .from = FROM_QUERY, .one_of = roles,
		.doc = "of this role only"),
	FIELD(struct users_query, disabled, .from = FROM_QUERY,
		.one_of = truths, .doc = "only those who are, or are not"),
	FIELD(struct users_query, name, .from = FROM_QUERY, .min = 1, .max = 64,
		.doc = "what the user name begins with"),
};
const struct shape admin_users_query_shape =
	SHAPE("admin_users_query", struct users_query, query_fields);

static const struct field user_fields[] = {
	FIELD(struct account_row, id, .doc = "the user's id"),
	FIELD(struct account_row, username, .doc = "the name to sign in with"),
	FIELD(struct account_row, role, .one_of = roles, .doc = "the role"),
	FIELD(struct account_row, email, .nullable = true,
		.doc = "the address"),
	FIELD(struct account_row, disabled, .doc = "may not sign in"),
	FIELD(struct account_row, created_at,
		.doc = "when the account was made"),
	FIELD(struct account_row, last_login_at, .nullable = true,
		.doc = "null: never"),
	FIELD(struct account_row, sessions, .doc = "that are live"),
};
const struct shape admin_user_shape =
	SHAPE("admin_user", struct account_row, user_fields);
static const struct field users_fields[] = PAGE_FIELDS(admin_user_shape);
const struct shape admin_users_shape =
	SHAPE("admin_users", struct page, users_fields);

struct user_new_input {
	const char *username, *password, *email, *role;
};
static const struct field new_fields[] = {
	FIELD(struct user_new_input, username, .required = true, .min = 1,
		.max = 64,
		.doc = "3 to 32 of letters, digits, dot, underscore, hyphen"),
	FIELD(struct user_new_input, password, .required = true, .secret = true,
		.min = 1, .max = 1024,
		.doc = "the first one; the rules of registration hold"),
	FIELD(struct user_new_input, email, .nullable = true, .min = 3,
		.max = 254, .doc = "an address, or null"),
	FIELD(struct user_new_input, role, .nullable = true, .one_of = roles,
		.doc = "absent: user"),
};
const struct shape admin_user_new_shape =
	SHAPE("admin_user_new", struct user_new_input, new_fields);

struct user_change_input {
	const char *id, *role;
	const struct json *disabled;
};
static const struct field change_fields[] = {
	FIELD(struct user_change_input, id, .required = true, .from = FROM_PATH,
		.doc = "the user's id"),
	FIELD(struct user_change_input, role, .nullable = true, .one_of = roles,
		.doc = "the new role"),
	FIELD(struct user_change_input, disabled, .nullable = true,
		.doc = "true or false; one of the two members a call"),
};
const struct shape admin_user_change_shape =
	SHAPE("admin_user_change", struct user_change_input, change_fields);

/* The cursor is the folded name behind which the next page begins. */
static enum err cursor_read(
	struct call *call, const char *cursor, const char **out)
{
	unsigned char *bytes;
	size_t len;

	*out = NULL;
	if (!cursor)
		return ERR_OK;
	if (text_base64url_decode(call->arena, cursor, strlen(cursor), &bytes,
		    &len) == ERR_OK &&
		len > 0 && text_is_utf8((const char *)bytes, len) &&
		!text_has_control((const char *)bytes, len)) {
		*out = arena_copy(call->arena, bytes, len);
		return ERR_OK;
	}
	report_fault(
		call->report, "/cursor", "is not a next_cursor of this list");
	return ERR_BAD_INPUT;
}

enum err handle_admin_users(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct users_query *in = input;
	struct account_query query = {
		.limit = in->limit, .role = in->role, .name = in->name};
	struct account_page found;
	struct page *page = out;
	enum err err = cursor_read(call, in->cursor, &query.cursor);

	(void)admin;
	if (in->disabled)
		query.state = text_equal(in->disabled, "true") ? "disabled"
							       : "enabled";
	if (err == ERR_OK)
		err = account_list(
			call->services->auth, &call->who_calls, &query, &found);
	if (err != ERR_OK)
		return err;
	page->data = found.rows;
	if (found.next)
		page->next_cursor = text_base64url(call->arena,
			(const unsigned char *)found.next, strlen(found.next));
	return ERR_OK;
}

enum err handle_admin_user_create(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct user_new_input *in = input;
	const struct account_new account = {
		.user = {.username = in->username,
			.password = in->password,
			.email = in->email},
		.role = in->role && text_equal(in->role, "admin")
				? AUTH_ROLE_ADMIN
				: AUTH_ROLE_USER,
	};
	struct user_view *view = out;
	enum err err = account_add(
		call->services->auth, &call->who_calls, admin, &account, view);

	if (err == ERR_OK)
		reply_created(call, "/admin/users", view->id);
	return err;
}

enum err handle_admin_user(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct by_id *in = input;

	(void)admin;
	return account_get_by_id(
		call->services->auth, &call->who_calls, in->id, out);
}

/* One thing a call, so that it is done whole or not at all. */
static enum err change_check(
	struct call *call, const struct user_change_input *in)
{
	if (in->disabled && in->disabled->kind != JSON_BOOL) {
		report_fault(
			call->report, "/disabled", "must be true or false");
		return ERR_BAD_INPUT;
	}
	if ((in->role != NULL) != (in->disabled != NULL))
		return ERR_OK;
	report_fault(
		call->report, "", "exactly one of role and disabled is needed");
	return ERR_BAD_INPUT;
}

enum err handle_admin_user_change(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct user_change_input *in = input;
	struct auth *auth = call->services->auth;
	enum err err = change_check(call, in);

	if (err == ERR_OK && in->role)
		err = account_set_role_by_id(auth, &call->who_calls, admin,
			in->id,
			text_equal(in->role, "admin") ? AUTH_ROLE_ADMIN
						      : AUTH_ROLE_USER);
	else if (err == ERR_OK)
		err = account_set_disabled_by_id(auth, &call->who_calls, admin,
			in->id, in->disabled->truth);
	if (err != ERR_OK)
		return err;
	cache_drop_user(call, in->id);
	return account_get_by_id(auth, &call->who_calls, in->id, out);
}

enum err handle_admin_user_remove(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct by_id *in = input;
	enum err err = account_remove(
		call->services->auth, &call->who_calls, admin, in->id);

	(void)out;
	if (err == ERR_OK)
		cache_drop_user(call, in->id);
	return err;
}

enum err handle_admin_user_sessions(struct call *call,
	struct admin_scope *admin, const void *input, void *out)
{
	const struct by_id *in = input;
	struct page *page = out;

	(void)admin;
	return account_sessions_of(
		call->services->auth, &call->who_calls, in->id, &page->data);
}

enum err handle_admin_user_sessions_end(struct call *call,
	struct admin_scope *admin, const void *input, void *out)
{
	const struct by_id *in = input;
	enum err err = account_end_sessions_of(
		call->services->auth, &call->who_calls, admin, in->id);

	(void)out;
	if (err == ERR_OK)
		cache_drop_user(call, in->id);
	return err;
}
