/*
 * Lots of one symbol. A close takes the oldest first; shares of cost and value
 * are rounded so that what is left keeps the rest: nothing is made or lost.
 */
#include "lots_private.h"

#include <stdbool.h>
#include <string.h>

#include "ledger_costs.h"

static int64_t size_of(int64_t quantity)
{
	return quantity < 0 ? -quantity : quantity;
}

static bool closes(const struct lot *lot, int64_t quantity)
{
	return (lot->quantity > 0) != (quantity > 0);
}

/* Takes `part` (a size) off both; what it realised. */
static int64_t close_part(struct lot *lot, struct lot_fill *rest, int64_t part)
{
	const int64_t cost =
		ledger_share(lot->cost, part, size_of(lot->quantity));
	const int64_t value =
		ledger_share(rest->value, part, size_of(rest->quantity));
	const int64_t sign = lot->quantity > 0 ? 1 : -1;

	lot->quantity -= sign * part;
	lot->cost -= cost;
	rest->quantity += sign * part;
	rest->value -= value;
	return -value - cost;
}

const struct lot *lots_find(const struct lots *lots, int64_t seq)
{
	for (size_t i = 0; i < lots->count; i++)
		if (lots->items[i].seq == seq)
			return &lots->items[i];
	return NULL;
}

static int64_t close_named(
	struct lots *lots, const struct lot *lot, const struct lot_fill *fill)
{
	const int64_t realised = -fill->value - lot->cost;
	const size_t at = (size_t)(lot - lots->items);

	lots->count--;
	memmove(lots->items + at, lots->items + at + 1,
		(lots->count - at) * sizeof(*lots->items));
	return realised;
}

int64_t lots_apply(struct lots *lots, const struct lot_fill *fill)
{
	const struct lot *named =
		fill->closes ? lots_find(lots, fill->closes) : NULL;
	struct lot_fill rest = *fill;
	int64_t realised = 0;
	size_t gone = 0;

	if (named && named->quantity == -fill->quantity)
		return close_named(lots, named, fill);
	while (rest.quantity != 0 && gone < lots->count &&
		closes(&lots->items[gone], rest.quantity)) {
		struct lot *lot = &lots->items[gone];
		const int64_t held = size_of(lot->quantity);
		const int64_t wanted = size_of(rest.quantity);

		realised +=
			close_part(lot, &rest, held < wanted ? held : wanted);
		gone += lot->quantity == 0;
	}
	lots->count -= gone;
	memmove(lots->items, lots->items + gone,
		lots->count * sizeof(*lots->items));
	if (rest.quantity != 0)
		lots->items[lots->count++] = (struct lot){
			rest.seq, rest.quantity, rest.value, rest.at};
	return realised;
}
