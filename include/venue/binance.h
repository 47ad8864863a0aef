/*
 * Binance spot behind struct venue, by its REST documentation of 2026. Opened
 * for one user's HMAC keys, or without any for public data. Everything that
 * changes (the measured clock offset) stands in the venue itself. Never keeps
 * a key in memory that is not guarded.
 */
#ifndef VENUE_BINANCE_H
#define VENUE_BINANCE_H

#include "arena.h"
#include "err.h"
#include "governor.h"
#include "outbound.h"
#include "report.h"
#include "secret.h"
#include "venue.h"

struct metrics;

struct venue_clock {
	int64_t (*now_ms)(void *context); /* negative: it cannot be read */
	void *context;
};

/* The pointers must outlive the venue; secrets are copied. */
struct binance_options {
	const char *base_url;	      /* "https://api.binance.com" */
	const struct secret *api_key; /* or NULL: public data only */
	const struct secret *api_secret;
	const char *user; /* whose share of the budget */
	struct governor *governor;
	struct outbound *outbound;
	struct metrics *metrics; /* or NULL */
	struct venue_clock clock;
	int64_t recv_window_ms; /* 0: 5000; at most 60000 */
	bool asks_rights;	/* /sapi is there (not on the test net) */
};

/* Its hosts, the test net's and the one for public data, for the list of
   struct outbound_options. */
extern const char *const binance_hosts[];

/* ERR_BAD_INPUT with a report for a base URL or keys that cannot be. */
MUST_CHECK enum err binance_open(struct arena *arena,
	const struct binance_options *options, struct report *report,
	struct venue **out);
void binance_close(struct venue **venue);

#endif
