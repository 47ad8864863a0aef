/*
 * A user's strategies: declarative rules, compiled when saved, every save a
 * version.
 */
#ifndef DOMAIN_STRATEGIES_H
#define DOMAIN_STRATEGIES_H

#include "limits.h"
#include "page.h"
#include "scope.h"
#include "shape.h"

struct strategy_new {
	const char *name; /* or NULL: the definition's */
	const struct json *definition;
};
struct strategy_change {
	const char *id;
	const char *name; /* or NULL: the definition's */
	const struct json *definition;
	int64_t if_version; /* only while it is the newest; 0: any */
};
struct strategy_view {
	const char *id, *name;
	int64_t version;
	struct raw_json definition;
	struct timestamp created_at, updated_at;
};
struct strategy_version_view {
	int64_t version;
	struct raw_json definition;
	struct timestamp created_at;
};
struct strategy_check {
	bool valid;
	const char *name, *interval;
	int64_t warmup; /* bars */
};
struct strategy_template {
	const char *slug, *name, *description;
	struct raw_json definition;
};
MUST_CHECK enum err strategy_create(struct scope *scope,
	const struct limits *limits, const struct strategy_new *in,
	struct strategy_view *out);
MUST_CHECK enum err strategy_get(
	struct scope *scope, const char *id, struct strategy_view *out);
MUST_CHECK enum err strategy_list(struct scope *scope,
	const struct page_query *in, struct page *out /* strategy_view */);
MUST_CHECK enum err strategy_update(struct scope *scope,
	const struct strategy_change *in, struct strategy_view *out);
/* No longer listed or found; its runs stop. They and its backtests stay, and
   with them the versions they refer to. if_version as in strategy_change: ERR_PRECONDITION. */
MUST_CHECK enum err strategy_remove(
	struct scope *scope, const char *id, int64_t if_version);
MUST_CHECK enum err strategy_versions(struct scope *scope, const char *id,
	const struct page_query *in,
	struct page *out /* strategy_version_view */);
MUST_CHECK enum err strategy_validate(struct scope *scope,
	const struct json *definition, struct strategy_check *out);
MUST_CHECK enum err strategy_templates(
	struct scope *scope, struct list *out /* strategy_template */);

#endif
