/*
 * Requests and mail to other machines: the only user of libcurl. TLS with the
 * certificate checked, to hosts on a list, at public addresses; no redirect,
 * no proxy from the environment, no cookie, no decompression, bounded in time
 * and size. Plain HTTP, and addresses that are not public, only for 127.0.0.1
 * and [::1], and only when that is allowed (tests). Never logs; never sends
 * a request twice: libcurl would, when a connection that it kept turns out to
 * be closed, and an order would be placed twice.
 */
#ifndef VENUE_OUTBOUND_H
#define VENUE_OUTBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "arena.h"
#include "bytes.h"
#include "err.h"
#include "report.h"

struct outbound;

struct outbound_options {
	const char *const *hosts; /* exact, lower case; NULL ends them */
	bool any_host;	     /* the caller says which; public all the same */
	bool loopback;	     /* 127.0.0.1 and [::1] may be reached */
	int64_t connect_ms;  /* 0: 5000 */
	int64_t total_ms;    /* 0: 10000 */
	size_t body_limit;   /* 0: 8 MiB */
	const char *ca_file; /* or NULL: the system's */
};

/* The parts of "https://host[:port]". */
struct outbound_base {
	const char *url;  /* as given */
	const char *host; /* without brackets */
	bool loopback;	  /* a literal address of this machine */
	bool plain;	  /* http */
};

/* `secret_header` is a whole line "Name: value" and is never copied by us. */
struct outbound_request {
	const struct outbound_base *base;
	const char *method;	   /* GET POST DELETE */
	const char *path;	   /* "/api/v3/order" */
	const char *query;	   /* without "?"; or NULL */
	const char *body;	   /* form data; or NULL */
	const char *secret_header; /* or NULL */
	/* more lines, NULL-terminated, six at most; or NULL */
	const char *const *headers;
};

enum outbound_sent {
	OUTBOUND_NOT_SENT, /* not one byte of the request left */
	OUTBOUND_BROKEN,   /* it may have arrived; no whole answer came */
	OUTBOUND_ANSWERED
};

struct outbound_answer {
	enum outbound_sent sent;
	bool timed_out;	 /* while not answered */
	const char *why; /* a sentence; "" when answered */
	int status;
	struct bytes body;     /* the client's memory: until its next request */
	int64_t retry_after_s; /* -1: not said */
	int64_t weight_1m;     /* X-MBX-USED-WEIGHT-1M; -1: not said */
	int64_t orders_10s, orders_day; /* X-MBX-ORDER-COUNT-10S, -1D */
};

MUST_CHECK enum err outbound_open(struct arena *arena,
	const struct outbound_options *options, struct outbound **out);
void outbound_close(struct outbound **outbound);
/* Whether that base may be asked at all; the report says why not. */
MUST_CHECK enum err outbound_base_parse(struct arena *arena,
	const struct outbound *outbound, const char *url, struct report *report,
	struct outbound_base *out);
void outbound_ask(struct outbound *outbound,
	const struct outbound_request *request, struct outbound_answer *out);

/* A mail server: "smtps://host[:465]", or "smtp://host[:587]", which then must
   offer STARTTLS. 127.0.0.1 alone is spoken to in the clear. */
struct outbound_relay {
	const char *host;
	int64_t port;
	bool tls, starttls, loopback;
	const char *user, *password; /* or NULL */
};
MUST_CHECK enum err outbound_relay_parse(struct arena *arena, const char *url,
	struct report *report, struct outbound_relay *out);
enum {
	OUTBOUND_MAIL_ROOM = 260 /* of an address and its brackets */
};
/* May it stand in a line of SMTP? Not whether anybody reads it. */
bool outbound_is_mail(const char *address);
/* Lines of `message` end in CR LF; addresses hold no blank or bracket. */
struct outbound_mail {
	const char *from, *to, *message;
};
/* answered: .status is the server's last word, 250 when it took the mail. */
void outbound_mail(struct outbound *outbound,
	const struct outbound_relay *relay, const struct outbound_mail *mail,
	struct outbound_answer *out);

/* A global unicast address that no registry keeps for private, local,
   documentation, relay or test use. */
bool outbound_address_is_public(const struct sockaddr *address);

#endif
