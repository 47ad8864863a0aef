/*
 * What every list of a user's own things needs: how many there may be, and
 * stored JSON as it goes out again. Must never count another user's.
 */
#include "owned_private.h"

enum err owned_quota_check(struct scope *scope, const char *count_sql,
	int64_t limit, const char *things)
{
	struct rows *rows;
	int64_t count;
	enum err err = scope_one(scope, count_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	count = rows_int(rows, 0);
	rows_end(rows);
	if (count < limit)
		return ERR_OK;
	report_detail(scope_report(scope),
		"The limit of %lld %s is reached; remove one first.",
		(long long)limit, things);
	return ERR_CONFLICT;
}

struct raw_json owned_json(const struct rows *rows, int column)
{
	const char *text = rows_text(rows, column);

	return (struct raw_json){text, text ? strlen(text) : 0};
}
