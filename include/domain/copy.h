/*
 * What a copy of the database says about itself, and what must happen to a
 * restored one before anybody uses it. Not linked into kontor.fcgi.
 */
#ifndef DOMAIN_COPY_H
#define DOMAIN_COPY_H

#include <stdbool.h>

#include "scope.h"
#include "shape.h"

struct table_rows {
	const char *table;
	int64_t rows;
};
MUST_CHECK enum err copy_rows(
	struct admin_scope *admin, struct list *out /* table_rows */);
/* The vault keys without which stored secrets do not open. */
MUST_CHECK enum err copy_vault_keys(
	struct admin_scope *admin, struct text_list *out);
/* "ok", or what SQLite found; and whether a reference leads nowhere. */
MUST_CHECK enum err copy_check(struct admin_scope *admin, const char **out);

struct copy_settled {
	int64_t sessions, api_keys; /* that were ended */
};
/*
 * In one transaction: all sessions end, so does every API key unless they
 * are kept, set-up links go, and nobody holds a job. A token that was
 * revoked after the copy was made stays dead in this way.
 */
MUST_CHECK enum err copy_settle(struct admin_scope *admin, bool keep_api_keys,
	struct copy_settled *out);

#endif
