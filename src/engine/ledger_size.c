/*
 * How much an entry buys or sells. Rounds down to the step, never up; what
 * cannot be paid, or is worth too little, is 0.
 */
#include "ledger_private.h"

enum {
	HUNDRED = 100
};

/* Cash, what is held at the mark, and what of both an entry may use. */
struct funds {
	ledger_wide equity, free;
};

static enum err narrow(ledger_wide value, int64_t *out)
{
	if (value > INT64_MAX)
		return ERR_BAD_INPUT;
	*out = value > 0 ? (int64_t)value : 0;
	return ERR_OK;
}

static struct funds funds_of(const struct ledger *ledger, int64_t mark)
{
	ledger_wide value = (ledger_wide)ledger->quantity * mark;
	ledger_wide equity = ledger->cash + (value - ledger->cost) / LEDGER_ONE;
	ledger_wide worth = (value < 0 ? -value : value) / LEDGER_ONE;

	return (struct funds){
		equity, equity - worth * ledger->costs.margin / LEDGER_ONE};
}

/* floor(money / (price * (margin + fee))) in units of the ledger. */
static enum err affordable(const struct ledger *ledger, ledger_wide money,
	int64_t price, int64_t *out)
{
	int64_t paid;
	enum err err = narrow(money - ledger->costs.fee_fixed, &paid);

	if (err)
		return err;
	return narrow((ledger_wide)paid * LEDGER_ONE * ledger->rate_one /
			      ((ledger_wide)price * ledger->rate),
		out);
}

static ledger_wide share_of(ledger_wide money, int64_t percent)
{
	return money * percent / ((ledger_wide)HUNDRED * LEDGER_ONE);
}

/* All or nothing: what the rule names, when it can be paid. */
static enum err exactly(int64_t wanted, int64_t most, int64_t *out)
{
	*out = wanted <= most ? wanted : 0;
	return ERR_OK;
}

static enum err wanted(const struct ledger *ledger, const struct rules *rules,
	const struct ledger_order *order, int64_t *out)
{
	const int64_t step = ledger->costs.step;
	struct funds funds = {ledger->cash, ledger->cash};
	int64_t most, asked;
	ledger_wide share;
	enum err err;

	if (ledger->quantity)
		funds = funds_of(ledger, order->mark);
	if (rules->sizing == SIZING_PCT_EQUITY) {
		share = share_of(funds.equity, rules->amount);
		return affordable(ledger,
			share < funds.free ? share : funds.free, order->price,
			out);
	}
	err = affordable(ledger, funds.free, order->price, &most);
	if (err)
		return err;
	switch (rules->sizing) {
	case SIZING_ALL_IN:
	case SIZING_PCT_EQUITY:
		break;
	case SIZING_FIXED:
		return exactly(rules->amount - rules->amount % step, most, out);
	case SIZING_QUOTE:
		err = narrow(
			(ledger_wide)rules->amount * LEDGER_ONE / order->price,
			&asked);
		return err ? err : exactly(asked - asked % step, most, out);
	case SIZING_RISK_PCT:
		if (order->distance <= 0)
			return exactly(INT64_MAX, 0, out);
		share = share_of(funds.equity, rules->amount) * LEDGER_ONE /
			order->distance;
		most = share < most ? (share > 0 ? (int64_t)share : 0) : most;
		break;
	}
	*out = most;
	return ERR_OK;
}

enum err ledger_quantity(const struct ledger *ledger, const struct rules *rules,
	const struct ledger_order *order, int64_t *out)
{
	int64_t quantity;
	enum err err = wanted(ledger, rules, order, &quantity);

	if (err)
		return err;
	if (ledger->costs.step > 1)
		quantity -= quantity % ledger->costs.step;
	if (ledger->costs.min_value &&
		(ledger_wide)quantity * order->price <
			(ledger_wide)ledger->costs.min_value * LEDGER_ONE)
		quantity = 0;
	*out = quantity;
	return ERR_OK;
}
