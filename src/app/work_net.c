/*
 * The one opening of connection and budget. Must never be more than one a
 * process: two budgets would not know of each other.
 */
#include "work_net.h"

#include "binance.h"
#include "spot.h"
#include "text.h"

enum {
	MEMORY = 4 << 20,
	HOSTS_MOST = 256,
	/* Binance's, until it says others (exchangeInfo) */
	ORDERS_10S = 100,
	ORDERS_DAY = 200000
};

static size_t hosts_add(
	const char **hosts, size_t count, const char *const *more)
{
	for (size_t i = 0; more[i] && count < HOSTS_MOST; i++)
		hosts[count++] = more[i];
	return count;
}

/* OUTBOUND_HOSTS: "a.example, b.example". */
static size_t hosts_split(
	struct arena *arena, const char *text, const char **hosts, size_t count)
{
	for (text += strspn(text, " ,"); *text != '\0' && count < HOSTS_MOST;
		text += strspn(text, " ,")) {
		const size_t len = strcspn(text, " ,");

		hosts[count++] =
			text_lower(arena, arena_copy(arena, text, len));
		text += len;
	}
	return count;
}

static const char *const *hosts_of(
	const struct config *config, struct arena *arena)
{
	const char **hosts = arena_array(arena, HOSTS_MOST + 1, sizeof(*hosts));
	size_t count = hosts_add(hosts, 0, binance_hosts);

	count = hosts_add(hosts, count, spot_hosts);
	(void)hosts_split(arena, config->outbound_hosts, hosts, count);
	return hosts;
}

enum err work_net(struct work *work, struct work_net **out)
{
	const struct governor_limits limits = {
		.weight = work->config->binance_weight,
		.orders_10s = ORDERS_10S,
		.orders_day = ORDERS_DAY};
	struct outbound_options options = {
		.loopback = work->config->outbound_loopback,
		.total_ms = work->config->outbound_ms};
	struct arena *arena;
	struct work_net *net;
	enum err err;

	if (work->net) {
		*out = work->net;
		return ERR_OK;
	}
	arena = arena_open(MEMORY);
	net = arena_alloc(arena, sizeof(*net));
	net->arena = arena;
	options.hosts = hosts_of(work->config, arena);
	net->governor = governor_open(arena, &limits);
	err = outbound_open(arena, &options, &net->outbound);
	if (err != ERR_OK) {
		arena_close(&arena);
		return err;
	}
	work->net = net;
	*out = net;
	return ERR_OK;
}

void work_net_close(struct work *work)
{
	struct arena *arena;

	if (!work->net)
		return;
	arena = work->net->arena;
	outbound_close(&work->net->outbound);
	work->net = NULL;
	arena_close(&arena);
}
