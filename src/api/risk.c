/* One's own risk limits. Whose they are is the scope's business alone. */
#include "risk_api.h"

#include "orders.h"
#include "replies_private.h"
#include "risk.h"

static const struct field risk_view_fields[] = {
	FIELD(struct risk_view, state, .one_of = risk_states,
		.doc = "reducing: orders only shrink positions; halted: none"),
	FIELD(struct risk_view, trading_halted,
		.doc = "an admin stopped everybody"),
	FIELD(struct risk_view, allow_short,
		.doc = "may a sale open a position?"),
	FIELD(struct risk_view, max_order_value, .nullable = true,
		.doc = "of one order; null: no limit, here and below"),
	FIELD(struct risk_view, max_symbol_value, .nullable = true,
		.doc = "position and open orders of one symbol"),
	FIELD(struct risk_view, max_account_value, .nullable = true,
		.doc = "the same of all symbols"),
	FIELD(struct risk_view, max_open_orders, .doc = "at one time"),
	FIELD(struct risk_view, max_positions, .doc = "symbols at one time"),
	FIELD(struct risk_view, orders_per_minute, .doc = "denied ones too"),
	FIELD(struct risk_view, max_daily_loss, .nullable = true,
		.doc = "of the equity since the day began (UTC)"),
	FIELD(struct risk_view, max_drawdown_pct, .nullable = true,
		.doc = "of the highest equity"),
	FIELD(struct risk_view, price_collar_pct,
		.doc = "a limit may be so far on the wrong side of the last "
		       "price"),
	FIELD(struct risk_view, symbols, .doc = "allowed ones; none: all"),
	FIELD(struct risk_view, equity, .doc = "now"),
	FIELD(struct risk_view, exposure, .doc = "now"),
	FIELD(struct risk_view, day_change, .doc = "of the equity, today"),
	FIELD(struct risk_view, drawdown_pct, .doc = "now"),
	FIELD(struct risk_view, open_orders, .doc = "now"),
	FIELD(struct risk_view, open_positions, .doc = "now"),
};
const struct shape risk_view_shape =
	SHAPE("risk", struct risk_view, risk_view_fields);

/* clang-format off */
#define CHANGE_FIELDS(absent)                                              \
	FIELD(struct risk_change, state, .nullable = true,                 \
		.one_of = risk_states, .doc = "absent or null: as it is"), \
	FIELD(struct risk_change, allow_short,                             \
		.doc = "may a sale open a position?"),              \
	FIELD(struct risk_change, max_order_value, .nullable = true,       \
		.doc = "null: the server's ceiling, or no limit" absent),  \
	FIELD(struct risk_change, max_symbol_value, .nullable = true,      \
		.doc = "position and open orders of one symbol; null: as " \
		       "above" absent),                                    \
	FIELD(struct risk_change, max_account_value, .nullable = true,     \
		.doc = "the same of all symbols" absent),                  \
	FIELD(struct risk_change, max_open_orders, .nullable = true,       \
		.min = 0, .max = 100000,                                   \
		.doc = "null or 0: the default" absent),                   \
	FIELD(struct risk_change, max_positions, .nullable = true,         \
		.min = 0, .max = 100000,                                   \
		.doc = "symbols that are held, or may be; null or 0: the " \
		       "default" absent),                                  \
	FIELD(struct risk_change, orders_per_minute, .nullable = true,     \
		.min = 0, .max = 1000000,                                  \
		.doc = "denied ones count too; null or 0: the default"     \
			absent),                                           \
	FIELD(struct risk_change, max_daily_loss, .nullable = true,        \
		.doc = "null: no limit" absent),                           \
	FIELD(struct risk_change, max_drawdown_pct, .nullable = true,      \
		.doc = "of the highest equity; null: no limit" absent),    \
	FIELD(struct risk_change, price_collar_pct, .nullable = true,      \
		.doc = "null: the default" absent),                        \
	FIELD(struct risk_change, symbols, .nullable = true,               \
		.doc = "allowed ones; null or none: all" absent)
/* clang-format on */
static const struct field risk_change_fields[] = {
	CHANGE_FIELDS("; absent: as null")};
const struct shape risk_change_shape =
	SHAPE("risk_change", struct risk_change, risk_change_fields);
static const struct field risk_patch_fields[] = {
	CHANGE_FIELDS("; absent: as it is")};
const struct shape risk_patch_shape = SHAPE_CHANGE(
	"risk_patch", struct risk_change, risk_patch_fields, given);

static const struct field risk_halting_fields[] = {
	FIELD(struct risk_halting, cancel, .nullable = true,
		.one_of = risk_cancels,
		.doc = "opening (the default): what may open or grow a "
		       "position; all: what protects one, too"),
};
const struct shape risk_halting_shape =
	SHAPE("risk_halting", struct risk_halting, risk_halting_fields);

enum err handle_risk(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return risk_get(scope, call->services->limits, out);
}

static const char *source_of(const struct call *call)
{
	return order_sources[call->identity.api_key_id ? ORDER_BY_KEY
						       : ORDER_MANUAL];
}

enum err handle_risk_put(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct risk_change in = *(const struct risk_change *)input;

	in.by = source_of(call);
	return risk_put(scope, call->services->limits, &in, out);
}

enum err handle_risk_patch(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct risk_change in = *(const struct risk_change *)input;

	in.by = source_of(call);
	in.keeps = true;
	return risk_put(scope, call->services->limits, &in, out);
}

enum err handle_risk_halt(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct risk_halting in = *(const struct risk_halting *)input;

	in.by = source_of(call);
	return risk_halt(scope, call->services->limits, &in, out);
}
