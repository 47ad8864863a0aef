/*
 * Checked integer arithmetic of cash, fees, prices and profit. Every sum
 * that does not fit is ERR_BAD_INPUT; it must never wrap, and never round
 * but half to even at the eighth digit (fills: against us).
 */
#include "ledger_private.h"

#include <math.h>

enum {
	HUNDRED = 100
};

enum err ledger_price(double price, int64_t *out)
{
	double units = price * LEDGER_ONE;

	/* The first double that a 64-bit integer cannot hold is 2^63. */
	if (!(units >= 0.5) || !(units < 0x1p63))
		return ERR_BAD_INPUT;
	*out = llround(units);
	return ERR_OK;
}

double ledger_double(int64_t units)
{
	return (double)units / LEDGER_ONE;
}

enum err ledger_move(int64_t price, int64_t percent, int64_t *out)
{
	const int64_t all = (int64_t)HUNDRED * LEDGER_ONE;

	return ledger_narrow(
		ledger_divide(
			(ledger_wide)price * ((ledger_wide)all + percent), all),
		out);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

void ledger_begin(
	struct ledger *ledger, const struct ledger_costs *costs, int64_t cash)
{
	int64_t rate = costs->margin + costs->fee_taker;
	int64_t by = common_divisor(rate, LEDGER_ONE);

	*ledger = (struct ledger){
		.costs = *costs,
		.cash = cash,
		.rate = rate / by,
		.rate_one = LEDGER_ONE / by,
	};
}

enum err ledger_enter(
	struct ledger *ledger, int64_t quantity, int64_t price, struct lot *out)
{
	ledger_wide value = (ledger_wide)quantity * price;
	int64_t fee, cash, total;
	enum err err = ledger_fee(&ledger->costs, value, false, &fee);

	if (!err)
		err = ledger_narrow((ledger_wide)ledger->cash - fee, &cash);
	if (!err)
		err = ledger_narrow(
			(ledger_wide)ledger->quantity + quantity, &total);
	if (err)
		return err;
	ledger->cash = cash;
	ledger->quantity = total;
	ledger->cost += value;
	*out = (struct lot){.quantity = quantity, .price = price, .fee = fee};
	return ERR_OK;
}

enum err ledger_leave(struct ledger *ledger, const struct lot *lot,
	int64_t price, bool rests, struct ledger_close *out)
{
	ledger_wide value = (ledger_wide)lot->quantity * price;
	ledger_wide cost = (ledger_wide)lot->quantity * lot->price;
	int64_t fee, fees, gross, profit, cash;
	enum err err = ledger_fee(&ledger->costs, value, rests, &fee);

	if (!err)
		err = ledger_narrow(
			ledger_divide(value - cost, LEDGER_ONE), &gross);
	if (!err)
		err = ledger_narrow((ledger_wide)lot->fee + fee, &fees);
	if (!err)
		err = ledger_narrow((ledger_wide)gross - fees, &profit);
	if (!err)
		err = ledger_narrow(
			(ledger_wide)ledger->cash + gross - fee, &cash);
	if (err)
		return err;
	ledger->cash = cash;
	ledger->quantity -= lot->quantity;
	ledger->cost -= cost;
	*out = (struct ledger_close){
		.quantity = lot->quantity,
		.entry_price = lot->price,
		.exit_price = price,
		.entry_fee = lot->fee,
		.exit_fee = fee,
		.fees = fees,
		.profit = profit,
	};
	return ERR_OK;
}

double ledger_base(const struct ledger *ledger)
{
	const double scale = (double)LEDGER_ONE * LEDGER_ONE;

	if (ledger->quantity == 0)
		return ledger_double(ledger->cash);
	return (double)((ledger_wide)ledger->cash * LEDGER_ONE - ledger->cost) /
	       scale;
}
