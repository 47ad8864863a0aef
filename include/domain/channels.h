/*
 * A user's channels: where he is told, and of which events; and the messages
 * that went there or failed. A Telegram channel uses the token and chat of
 * his settings; a webhook has an address and a key of its own, both sealed.
 */
#ifndef DOMAIN_CHANNELS_H
#define DOMAIN_CHANNELS_H

#include "limits.h"
#include "page.h"
#include "scope.h"
#include "shape.h"

struct vault;

extern const char *const channel_kinds[];	/* telegram email webhook */
extern const char *const notification_states[]; /* queued sent ... */

struct channel_new {
	const char *kind;
	const char *address;	 /* of email, or NULL */
	const char *url;	 /* of webhook, or NULL */
	struct text_list events; /* none: all */
	bool enabled;
};
struct channel_change {
	const char *id;
	struct text_list events;    /* none: as they are */
	const struct json *enabled; /* true or false; NULL: as it is */
};
struct channel_view {
	const char *id, *kind;
	const char *address; /* email: it; webhook: scheme and host; or NULL */
	struct text_list events;
	bool enabled;
	int64_t failures;	/* in a row */
	const char *last_error; /* or NULL */
	const struct timestamp *sent_at;
	struct timestamp created_at, updated_at;
	const char *key; /* a new webhook's, shown this once; else NULL */
};
struct notification_view {
	const char *id, *channel_id, *channel_kind, *kind, *text, *state;
	int64_t attempts;
	const char *error; /* or NULL */
	struct timestamp created_at;
	const struct timestamp *next_at;  /* while queued */
	const struct timestamp *ended_at; /* sent, or given up */
};

/* ERR_CONFLICT beyond the limit, ERR_BAD_INPUT with faults. */
MUST_CHECK enum err channel_create(struct scope *scope, struct vault *vault,
	const struct notify_limits *limits, const struct channel_new *in,
	struct channel_view *out);
MUST_CHECK enum err channel_list(
	struct scope *scope, struct list *out /* channel_view */);
MUST_CHECK enum err channel_update(struct scope *scope,
	const struct channel_change *in, struct channel_view *out);
/* With its secrets, and with the messages that it was to carry. */
MUST_CHECK enum err channel_remove(struct scope *scope, const char *id);
/* ERR_NOT_FOUND unless it is this user's. */
MUST_CHECK enum err channel_get(
	struct scope *scope, const char *id, struct channel_view *out);
MUST_CHECK enum err notification_list(struct scope *scope,
	const struct page_query *query,
	struct page *out /* notification_view */);

/* "https://host[:port]" and what follows it. */
struct channel_url {
	const char *base, *host, *path;
	int64_t port; /* 443 where none is written */
	bool loopback;
};
/* ERR_BAD_INPUT for all but a plain https address (loopback: http too). */
MUST_CHECK enum err channel_url_split(
	struct arena *arena, const char *url, struct channel_url *out);
/* hosts: WEBHOOK_HOSTS. "": any host, on port 443; "none": no host; else only
   the hosts that it names. */
bool channel_host_is_allowed(const char *hosts, const struct channel_url *url);

/* Where its secrets stand in user_secrets. */
const char *channel_url_name(struct arena *arena, const char *channel_id);
const char *channel_key_name(struct arena *arena, const char *channel_id);

#endif
