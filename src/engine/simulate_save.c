/*
 * The state of a run as text, and back: one function goes through all members
 * and writes or reads them, so that both ways name the same ones. Doubles are
 * their 64 bits in hex. What follows from other members is made anew. Must
 * never load what it did not write: the text carries its version and a hash,
 * and what was read must add up.
 */
#include "simulate_state_private.h"

#include "buf.h"
#include "sha256.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

static const char header[] = "kontor-sim 1\n";

enum {
	SAVE_LIMIT = 64 * 1024,
	HASH_DIGITS = 64,
	WORD_ROOM = 48
};

/* Writes to `out`, or reads from `in` when there is no `out`. */
struct codec {
	struct buf *out;
	const char *in;
	bool bad;
};

/* The value of the next line, which must have that name. */
static bool word_read(struct codec *c, const char *name, char *out)
{
	const size_t len = strlen(name);
	size_t word;

	if (c->bad || strncmp(c->in, name, len) != 0 || c->in[len] != ' ') {
		c->bad = true;
		return false;
	}
	c->in += len + 1;
	word = strcspn(c->in, "\n");
	if (c->in[word] != '\n' || word == 0 || word >= WORD_ROOM) {
		c->bad = true;
		return false;
	}
	memcpy(out, c->in, word);
	out[word] = '\0';
	c->in += word + 1;
	return true;
}

static void code_int(struct codec *c, const char *name, int64_t *value)
{
	char word[WORD_ROOM];

	if (c->out)
		buf_format(c->out, "%s %lld\n", name, (long long)*value);
	else if (word_read(c, name, word) && !text_integer(word, value))
		c->bad = true;
}

static void code_size(struct codec *c, const char *name, size_t *value)
{
	int64_t number = (int64_t)*value;

	code_int(c, name, &number);
	if (number < 0)
		c->bad = true;
	*value = (size_t)number;
}

static void code_bool(struct codec *c, const char *name, bool *value)
{
	int64_t number = *value;

	code_int(c, name, &number);
	if (number != 0 && number != 1)
		c->bad = true;
	*value = number == 1;
}

/* 16 digits of hex. */
static void code_bits(struct codec *c, const char *name, uint64_t *bits)
{
	char word[WORD_ROOM];
	char *end;

	if (c->out) {
		buf_format(c->out, "%s %016llx\n", name,
			(unsigned long long)*bits);
		return;
	}
	if (!word_read(c, name, word))
		return;
	*bits = strtoull(word, &end, 16);
	if (strlen(word) != 16 || *end != '\0')
		c->bad = true;
}

static void code_double(struct codec *c, const char *name, double *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof(bits));
	code_bits(c, name, &bits);
	memcpy(value, &bits, sizeof(bits));
}

static void code_wide(struct codec *c, const char *name, ledger_wide *value)
{
	uint64_t halves[2];

	memcpy(halves, value, sizeof(halves));
	code_bits(c, name, &halves[0]);
	code_bits(c, name, &halves[1]);
	memcpy(value, halves, sizeof(halves));
}

/* The very pointers: the simulator compares those. */
static void code_reason(struct codec *c, const char *name, const char **value)
{
	static const char *const reasons[] = {sim_signal, sim_stop_loss,
		sim_take_profit, sim_trailing_stop, sim_break_even, sim_time,
		sim_roi, sim_margin, sim_drawdown, sim_end, sim_ruin};
	char word[WORD_ROOM];

	if (c->out) {
		buf_format(c->out, "%s %s\n", name, *value ? *value : "-");
		return;
	}
	*value = NULL;
	if (!word_read(c, name, word) || text_equal(word, "-"))
		return;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (text_equal(reasons[i], word))
			*value = reasons[i];
	if (!*value)
		c->bad = true;
}

static void code_level(
	struct codec *c, const char *name, struct level_price *level)
{
	code_double(c, name, &level->at);
	code_int(c, name, &level->price);
}

static void code_position(struct codec *c, struct position *held)
{
	code_int(c, "name", &held->name);
	code_int(c, "quantity", &held->lot.quantity);
	code_int(c, "price", &held->lot.price);
	code_int(c, "fee", &held->lot.fee);
	code_double(c, "side", &held->side);
	code_size(c, "bar", &held->bar);
	code_int(c, "time", &held->time);
	code_int(c, "since", &held->since);
	code_level(c, "stop", &held->stop);
	code_level(c, "target", &held->target);
	code_reason(c, "stop_reason", &held->stop_reason);
	code_double(c, "best", &held->best);
	code_double(c, "trail_from", &held->trail_from);
	code_double(c, "tight_above", &held->tight_above);
	code_double(c, "even_from", &held->even_from);
	code_level(c, "even", &held->even);
	code_int(c, "trail_distance", &held->trail_distance);
	code_size(c, "roi_step", &held->roi_step);
	code_level(c, "roi", &held->roi);
	code_int(c, "roi_from", &held->roi_from);
}

static void code_order(struct codec *c, struct order *order)
{
	int64_t action = (int64_t)order->action;

	code_int(c, "action", &action);
	if (action < ACTION_NONE || action > ACTION_GO_SHORT)
		c->bad = true;
	order->action = (enum action)action;
	code_reason(c, "order_reason", &order->reason);
	code_size(c, "order_bar", &order->bar);
	code_int(c, "order_time", &order->time);
	for (int i = 0; i < LEVEL_COUNT; i++)
		code_double(c, "order_range", &order->atr[i]);
}

static void code_limits(struct codec *c, struct sim *sim)
{
	code_bool(c, "has_exit", &sim->has_exit);
	code_size(c, "exit_bar", &sim->exit_bar);
	code_int(c, "trade_day", &sim->trade_day);
	code_int(c, "day_trades", &sim->day_trades);
	code_int(c, "equity_day", &sim->equity_day);
	code_double(c, "day_equity", &sim->day_equity);
	code_double(c, "last_equity", &sim->last_equity);
	code_double(c, "peak_equity", &sim->peak_equity);
	code_bool(c, "day_is_lost", &sim->day_is_lost);
	code_bool(c, "is_halted", &sim->is_halted);
	code_size(c, "trades", &sim->trade_count);
	code_size(c, "refused", &sim->refused);
	code_size(c, "blocked", &sim->blocked);
	code_size(c, "denied", &sim->denied);
	code_bool(c, "ruined", &sim->ruined);
	code_bool(c, "limited", &sim->limited);
}

static void code_sim(struct codec *c, struct sim *sim)
{
	code_size(c, "bars", &sim->bar);
	code_int(c, "cash", &sim->ledger.cash);
	code_int(c, "held_quantity", &sim->ledger.quantity);
	code_wide(c, "held_cost", &sim->ledger.cost);
	code_order(c, &sim->order);
	code_limits(c, sim);
	code_size(c, "held", &sim->held_count);
	if (sim->held_count > sim->max_open)
		c->bad = true;
	for (size_t i = 0; !c->bad && i < sim->held_count; i++)
		code_position(c, &sim->held[i]);
}

static const char *hash_of(struct arena *arena, const char *text, size_t len)
{
	struct sha256 *hash = sha256_open(arena);

	sha256_add(hash, text, len);
	return sha256_hex(hash, arena);
}

const char *sim_save(const struct sim *sim, struct arena *arena)
{
	struct sim copy = *sim;
	struct buf text;
	struct codec c = {.out = &text};

	buf_init(&text, arena, SAVE_LIMIT);
	buf_text(&text, header);
	code_sim(&c, &copy);
	buf_text(&text, hash_of(arena, text.data, text.len));
	buf_char(&text, '\n');
	return text.data;
}

/* What is held is what the ledger holds, all of it on one side. */
static bool adds_up(const struct sim *sim)
{
	ledger_wide quantity = 0, cost = 0;

	for (size_t i = 0; i < sim->held_count; i++) {
		const struct position *held = &sim->held[i];

		if (held->lot.price <= 0 || held->lot.quantity == 0 ||
			held->side != (held->lot.quantity > 0 ? 1 : -1) ||
			held->side != sim->held[0].side || !held->stop_reason ||
			held->roi_step > sim->rules->roi_count ||
			held->bar > sim->bar)
			return false;
		quantity += held->lot.quantity;
		cost += (ledger_wide)held->lot.quantity * held->lot.price;
	}
	return quantity == sim->ledger.quantity && cost == sim->ledger.cost;
}

enum err sim_load(struct sim *sim, const char *text)
{
	struct sim next = *sim;
	const size_t len = strlen(text);
	struct codec c = {.in = text + sizeof(header) - 1};
	const char *body_end;

	if (!text_starts(text, header) || len < HASH_DIGITS + 1 ||
		text[len - 1] != '\n')
		return ERR_BAD_INPUT;
	body_end = text + len - HASH_DIGITS - 1;
	code_sim(&c, &next);
	if (c.bad || c.in != body_end || !adds_up(&next) ||
		memcmp(hash_of(sim->arena, text, (size_t)(body_end - text)),
			body_end, HASH_DIGITS) != 0)
		return ERR_BAD_INPUT;
	*sim = next;
	sim_sum(sim);
	return ERR_OK;
}
