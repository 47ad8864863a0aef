/*
 * Candles of a larger interval, built while those of the base arrive. One is
 * closed, and only then shown, with the base bar that ends where it ends, or
 * before the first one behind it. It must never show a candle that is still
 * open, nor one whose beginning lies before the data.
 */
#include "evaluate_private.h"

#include "interval.h"

void lane_open(struct arena *arena, struct lane *lane, int64_t ms)
{
	lane->ms = ms;
	lane->closed =
		arena_array(arena, EVALUATE_BLOCK, sizeof(*lane->closed));
	lane->made_time =
		arena_array(arena, EVALUATE_BLOCK, sizeof(*lane->made_time));
	lane->time = lane->made_time;
	for (size_t i = 0; i < PRICE_TIME; i++) {
		lane->made[i] =
			arena_array(arena, EVALUATE_BLOCK, sizeof(double));
		lane->prices[i] = lane->made[i];
	}
}

static void close_candle(struct lane *lane)
{
	lane->open = false;
	if (!lane->whole)
		return;
	for (size_t i = 0; i < PRICE_TIME; i++)
		lane->made[i][lane->count] = lane->now[i];
	lane->made_time[lane->count++] = lane->end - lane->ms;
}

static void open_candle(struct lane *lane, const struct lane *base, size_t i)
{
	int64_t begin = interval_open(base->time[i], lane->ms);

	lane->whole = lane->later || base->time[i] == begin;
	lane->open = true;
	lane->later = true;
	lane->end = begin + lane->ms;
	for (size_t k = 0; k < PRICE_TIME; k++)
		lane->now[k] = base->prices[k][i];
}

static void add_bar(struct lane *lane, const struct lane *base, size_t i)
{
	double high = base->prices[PRICE_HIGH][i];
	double low = base->prices[PRICE_LOW][i];

	if (high > lane->now[PRICE_HIGH])
		lane->now[PRICE_HIGH] = high;
	if (low < lane->now[PRICE_LOW])
		lane->now[PRICE_LOW] = low;
	lane->now[PRICE_CLOSE] = base->prices[PRICE_CLOSE][i];
	lane->now[PRICE_VOLUME] += base->prices[PRICE_VOLUME][i];
}

static void lane_load(struct lane *lane, const struct lane *base)
{
	lane->count = 0;
	for (size_t i = 0; i < base->count; i++) {
		if (lane->open && base->time[i] >= lane->end)
			close_candle(lane);
		if (lane->open)
			add_bar(lane, base, i);
		else
			open_candle(lane, base, i);
		if (base->time[i] + base->ms >= lane->end)
			close_candle(lane);
		lane->closed[i] = (uint16_t)lane->count;
	}
}

void lanes_load(struct evaluator *evaluator, const struct candles *candles,
	size_t from, size_t count)
{
	struct lane *base = &evaluator->lanes[0];

	base->count = count;
	base->time = candles->time + from;
	base->prices[PRICE_OPEN] = candles->open + from;
	base->prices[PRICE_HIGH] = candles->high + from;
	base->prices[PRICE_LOW] = candles->low + from;
	base->prices[PRICE_CLOSE] = candles->close + from;
	base->prices[PRICE_VOLUME] = candles->volume + from;
	for (int i = 1; i < evaluator->program->lane_count; i++)
		lane_load(&evaluator->lanes[i], base);
}
