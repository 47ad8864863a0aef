/*
 * The one closed set of ways in which anything here can fail. A function
 * that can fail returns one of these, writes its outputs last, and leaves
 * them untouched on failure. http/problem.c maps each to a status; nobody
 * else knows HTTP status numbers. Lower layers never log.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
	ERR_OK = 0,
	ERR_BAD_INPUT,		/* the input breaks a stated rule */
	ERR_BAD_REQUEST,	/* the request itself is malformed */
	ERR_NO_CREDENTIALS,	/* nobody signed in */
	ERR_BAD_CREDENTIALS,	/* user name and password do not match */
	ERR_TOKEN_INVALID,	/* malformed, forged, wrong kind, expired */
	ERR_TOKEN_REVOKED,	/* was good once, was ended */
	ERR_INSUFFICIENT_SCOPE, /* signed in, but may not */
	ERR_REAUTH_REQUIRED,	/* may, after giving the password again */
	ERR_HOOK_REFUSED,	/* beyond what the hook's owner allows */
	ERR_NOT_FOUND,		/* no such thing, or another user's */
	ERR_CSRF,		/* a write by cookie from elsewhere */
	ERR_METHOD,		/* the path exists, the method does not */
	ERR_CONFLICT,		/* taken, or changed meanwhile */
	ERR_PRECONDITION,	/* If-Match: another version is there */
	ERR_KEY_REUSED,		/* Idempotency-Key of another request */
	ERR_TOO_LARGE,		/* body over its limit */
	ERR_UNSUPPORTED_TYPE,	/* content type not taken here */
	ERR_RATE_LIMITED,	/* too many; report says when to retry */
	ERR_PLAIN_HTTP,		/* API call without TLS */
	ERR_NOT_CONFIGURED,	/* the operator did not set it up */
	ERR_UNAVAILABLE,	/* database, keys or clock failed; retry */
	ERR_INTERNAL,		/* a fault of ours */
	ERR_COUNT
};

/* The stable slug of an error, such as "not_found"; never NULL. */
const char *err_slug(enum err err);

#endif
