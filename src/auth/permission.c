/*
 * Who may do what. A permission that is not in the table is nobody's, an
 * admin's is never a user's, and an API key has no more than its scopes.
 */
#include "auth_private.h"

#include "text.h"

const char *const auth_permissions[] = {
	"account:read",
	"account:write",
	"settings:read",
	"settings:write",
	"strategies:read",
	"strategies:write",
	"backtests:read",
	"backtests:write",
	"signals:read",
	"orders:read",
	"orders:write",
	"portfolio:read",
	"portfolio:write",
	"risk:read",
	"risk:write",
	"bank:read",
	"bank:write",
	"market:read",
	"metrics:read", /* of the whole installation: an admin's */
	"admin:read",
	"admin:write",
	NULL,
};

enum {
	PERMISSION_LIMIT = 32,
	SCOPES_LIMIT = 64
};

static bool is_known(const char *permission)
{
	for (const char *const *known = auth_permissions; *known; known++)
		if (text_equal(*known, permission))
			return true;
	return false;
}

static bool role_has(enum auth_role role, const char *permission)
{
	return role == AUTH_ROLE_ADMIN ||
	       (!text_starts(permission, "admin:") &&
		       !text_starts(permission, "metrics:"));
}

/* "x:write" includes "x:read". */
static bool includes(const char *scope, const char *permission)
{
	static const char read_end[] = ":read", write_end[] = ":write";
	size_t len = strlen(permission);
	size_t subject;

	if (text_equal(scope, permission))
		return true;
	if (len < sizeof(read_end))
		return false;
	subject = len - (sizeof(read_end) - 1);
	return text_equal(permission + subject, read_end) &&
	       strlen(scope) == subject + sizeof(write_end) - 1 &&
	       memcmp(scope, permission, subject) == 0 &&
	       text_equal(scope + subject, write_end);
}

bool auth_permits(const struct identity *identity, const char *permission)
{
	if (!permission || !is_known(permission) ||
		!role_has(identity->role, permission))
		return false;
	/* no scopes: all of the role's, for people; nothing, for a key */
	if (identity->scopes.count == 0)
		return !identity->api_key_id;
	for (size_t i = 0; i < identity->scopes.count; i++)
		if (includes(identity->scopes.items[i], permission))
			return true;
	return false;
}

struct text_list scopes_parse(struct arena *arena, const char *text)
{
	struct text_list list = {
		.items = arena_array(arena, SCOPES_LIMIT, sizeof(*list.items)),
	};

	while (*text && list.count < SCOPES_LIMIT) {
		size_t len = strcspn(text, " ");

		if (len > 0)
			list.items[list.count++] = arena_copy(arena, text, len);
		text += len;
		text += strspn(text, " ");
	}
	return list;
}

static struct text_list scopes_of_role(struct arena *arena, enum auth_role role)
{
	struct text_list list = {
		.items = arena_array(
			arena, PERMISSION_LIMIT, sizeof(*list.items)),
	};
	const size_t known =
		sizeof(auth_permissions) / sizeof(*auth_permissions) - 1;

	_Static_assert(sizeof(auth_permissions) / sizeof(*auth_permissions) <=
			       PERMISSION_LIMIT,
		"the list must hold them all");
	for (size_t i = 0; i < known; i++)
		if (role_has(role, auth_permissions[i]))
			list.items[list.count++] = auth_permissions[i];
	return list;
}

struct text_list scopes_permitted(
	struct arena *arena, const struct identity *identity)
{
	struct text_list list = {0};

	if (identity->scopes.count == 0 && !identity->api_key_id)
		return scopes_of_role(arena, identity->role);
	if (identity->scopes.count == 0)
		return list;
	list.items =
		arena_array(arena, identity->scopes.count, sizeof(*list.items));
	for (size_t i = 0; i < identity->scopes.count; i++)
		if (auth_permits(identity, identity->scopes.items[i]))
			list.items[list.count++] = identity->scopes.items[i];
	return list;
}
