/*
 * Is it an order at all? Which prices a type needs and takes, how many digits,
 * which words. Must never round what somebody asked for.
 */
#include "order_input_private.h"

#include "symbol_private.h"
#include "text.h"

enum {
	CLIENT_ID_LIMIT = 64
};

/* Which members a type has: needed, allowed, or neither. */
enum need {
	NEED_NOT,
	NEED_MAY,
	NEED_MUST
};
static const struct needs {
	enum need price, stop, trail;
} needs[MATCH_TYPE_COUNT] = {
	[MATCH_MARKET] = {NEED_NOT, NEED_NOT, NEED_NOT},
	[MATCH_LIMIT] = {NEED_MUST, NEED_NOT, NEED_NOT},
	[MATCH_STOP] = {NEED_NOT, NEED_MUST, NEED_NOT},
	[MATCH_STOP_LIMIT] = {NEED_MUST, NEED_MUST, NEED_NOT},
	[MATCH_TAKE_PROFIT] = {NEED_MAY, NEED_MUST, NEED_NOT},
	[MATCH_TRAILING] = {NEED_NOT, NEED_NOT, NEED_MUST},
};

static unsigned word_of(
	const char *const *names, const char *name, unsigned otherwise)
{
	for (unsigned i = 0; name && names[i]; i++)
		if (text_equal(names[i], name))
			return i;
	return otherwise;
}

static void amount(struct report *report, const char *pointer,
	const struct decimal *value, int64_t step, int64_t *out)
{
	int64_t units;

	if (ledger_units(*value, &units) != ERR_OK || units <= 0)
		report_fault(report, pointer,
			"must be above 0, with at most 8 digits behind the "
			"point");
	else if (units % step != 0)
		report_fault(report, pointer,
			"has more digits behind the point than the symbol's "
			"prices");
	else
		*out = units;
}

static void member(struct report *report, const char *pointer, enum need need,
	const struct decimal *value)
{
	if (!value && need == NEED_MUST)
		report_fault(report, pointer, "is needed for this type");
	if (value && need == NEED_NOT)
		report_fault(report, pointer, "is not for this type");
}

static void prices(struct report *report, const struct order_new *in,
	int64_t tick, struct order *order)
{
	const struct needs *need = &needs[order->type];

	member(report, "/price", need->price, in->price);
	member(report, "/stop_price", need->stop, in->stop_price);
	member(report, "/trail", need->trail, in->trail);
	if (in->price && need->price != NEED_NOT)
		amount(report, "/price", in->price, tick, &order->price);
	if (in->stop_price && need->stop != NEED_NOT)
		amount(report, "/stop_price", in->stop_price, tick,
			&order->stop);
	if (in->trail && need->trail != NEED_NOT)
		amount(report, "/trail", in->trail, tick, &order->trail);
}

static void name_check(
	struct report *report, const char *pointer, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789._:/-";
	const size_t len = name ? strlen(name) : 1;

	if (name && (len == 0 || len > CLIENT_ID_LIMIT ||
			    strspn(name, allowed) != len))
		report_fault(report, pointer,
			"must be 1 to %d of A-Z a-z 0-9 . _ : / -",
			CLIENT_ID_LIMIT);
}

static void words(
	struct report *report, const struct order_new *in, struct order *order)
{
	order->buys = text_equal(in->side, order_sides[0]);
	order->type = (enum match_type)word_of(order_types, in->type, 0);
	order->force = (enum match_force)word_of(
		order_forces, in->time_in_force, MATCH_GTC);
	order->venue = in->venue ? in->venue : order_venues[0];
	if (order->force != MATCH_GTC && order->type != MATCH_MARKET &&
		order->type != MATCH_LIMIT)
		report_fault(report, "/time_in_force",
			"must be gtc for orders that wait for a price");
	if (in->post_only &&
		(order->type != MATCH_LIMIT || order->force != MATCH_GTC))
		report_fault(report, "/post_only",
			"is for limit orders that rest (gtc)");
	name_check(report, "/client_order_id", in->client_order_id);
	name_check(report, "/oco", in->oco);
}

enum err order_input(struct scope *scope, const struct order_new *in,
	int64_t tick, struct order *out)
{
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;
	struct order order = {
		.client_order_id = in->client_order_id,
		.symbol = in->symbol,
		.oco = in->oco,
		.post_only = in->post_only,
		.reduce_only = in->reduce_only,
	};

	words(report, in, &order);
	amount(report, "/quantity", &in->quantity, 1, &order.quantity);
	prices(report, in, tick, &order);
	if (report->fault_count != before)
		return ERR_BAD_INPUT;
	*out = order;
	return ERR_OK;
}

enum err order_change_input(struct scope *scope, const struct order_change *in,
	int64_t tick, struct order *next)
{
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;

	if (!in->quantity && !in->price && !in->stop_price && !in->trail)
		report_fault(report, "", "changes nothing");
	if (in->price && !next->price)
		report_fault(report, "/price", "is not for this type");
	if (in->stop_price && !next->stop)
		report_fault(report, "/stop_price", "is not for this type");
	if (in->trail && !next->trail)
		report_fault(report, "/trail", "is not for this type");
	if (in->quantity)
		amount(report, "/quantity", in->quantity, 1, &next->quantity);
	if (in->price && next->price)
		amount(report, "/price", in->price, tick, &next->price);
	if (in->stop_price && next->stop)
		amount(report, "/stop_price", in->stop_price, tick,
			&next->stop);
	if (in->trail && next->trail)
		amount(report, "/trail", in->trail, tick, &next->trail);
	if (in->stop_price && next->triggered)
		report_fault(report, "/stop_price", "was reached already");
	if (in->trail && next->triggered)
		report_fault(report, "/trail", "was reached already");
	if (next->quantity <= next->filled)
		report_fault(report, "/quantity",
			"must be above what is filled already");
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

enum err order_bound(const struct book *book, const struct quote *quote,
	const struct order *order, int64_t *out)
{
	struct ledger_costs costs = book->costs;
	int64_t from = quote->price;
	int64_t bound = 0;
	enum err err = ERR_OK;

	costs.tick = quote->tick;
	if (order->stop > from && order->buys)
		from = order->stop;
	if (order->trail && order->buys &&
		__builtin_add_overflow(from, order->trail, &from))
		return ERR_BAD_INPUT;
	if (from > 0)
		err = ledger_fill(&costs, from, true, false, &bound);
	if (err != ERR_OK)
		return err;
	/* a limit never pays more; a sale is worth what the market pays */
	if (order->price && (order->buys || order->price > bound))
		bound = order->price;
	*out = bound;
	return ERR_OK;
}
