/*
 * One Binance venue, and how its calls are asked: binance_ask.c. What each
 * call says and how its answer is read stands in binance.c.
 */
#ifndef VENUE_BINANCE_PRIVATE_H
#define VENUE_BINANCE_PRIVATE_H

#include "binance.h"
#include "buf.h"
#include "json.h"
#include "venue_private.h"

struct binance {
	struct venue venue; /* first */
	struct binance_options options;
	struct outbound_base base;
	struct secret header; /* "X-MBX-APIKEY: ...", with its NUL */
	struct secret secret;
	bool offset_known;
	int64_t offset_ms;     /* the exchange's clock less ours */
	int64_t round_trip_ms; /* of the measurement: it may be off so much */
	int64_t measured_ms;
};

struct binance_call {
	const char *method, *path;
	enum governor_class class;
	int64_t weight;
	bool is_signed;
	bool order; /* counts among the account's orders */
	struct buf params;
};

static inline struct binance *binance_of(struct venue *venue)
{
	return (struct binance *)venue;
}

/* A call without words yet. */
struct binance_call binance_call_of(struct arena *arena, const char *method,
	const char *path, enum governor_class class, int64_t weight);
/* The same with the user's keys. */
struct binance_call binance_signed_call(struct arena *arena, const char *method,
	const char *path, enum governor_class class, int64_t weight);
/* Sends it, at most once. *out is the document of VENUE_OK. */
struct venue_outcome binance_ask(struct binance *binance, struct arena *arena,
	struct binance_call *call, const struct json **out);
/* For what changes something: an answer that was not understood came after
   the request was carried out, so it needs a time from when it is final. */
struct venue_outcome binance_settle(
	const struct binance *binance, struct venue_outcome outcome);
struct venue_outcome binance_measure(
	struct binance *binance, struct arena *arena, int64_t *out);
/* Moves the keys from the options into the venue. */
MUST_CHECK enum err binance_take_keys(
	struct binance *binance, struct report *report);

#endif
