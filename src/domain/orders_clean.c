/*
 * Denied orders are cheap for whoever sends them, and no money depends on one:
 * they go after a while. Must never remove another order (nor would the
 * database let it).
 */
#include "orders_clean.h"

enum {
	CLEAN_ROWS = 5000
};

static const char clean_sql[] =
	"DELETE FROM orders WHERE (user_id, id) IN (SELECT user_id, id"
	" FROM orders WHERE state = 'denied' AND created_at < :before"
	" ORDER BY created_at LIMIT :most)";

enum err orders_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed)
{
	return admin_run(admin, clean_sql,
		BINDS(bind_int(":before", before),
			bind_int(":most", CLEAN_ROWS)),
		removed);
}
