/*
 * The one place that knows HTTP's error numbers: each way of failing, its
 * status, its words, and what a client does about it (shown at
 * /api/docs/problems/CODE). Must never say what went wrong inside.
 */
#include "problem.h"

static const struct problem problems[ERR_COUNT] = {
	[ERR_OK] = {200, "OK", "", ""},
	[ERR_BAD_INPUT] = {400, "Invalid input",
		"The input breaks a rule; see errors.",
		"Correct what errors names: pointer says where (a member of "
		"the body, or /name of a parameter), message what is wrong "
		"there. The same call again fails again."},
	[ERR_BAD_REQUEST] = {400, "Malformed request",
		"The request is malformed.",
		"Look at how the request is built: JSON that parses, a path "
		"and a query that are encoded once, one way to sign in, no "
		"header twice, no token in the query."},
	[ERR_NO_CREDENTIALS] = {401, "Sign-in required",
		"This call needs an access token or an API key.",
		"Send Authorization: Bearer with an access token of POST "
		"/auth/login, or X-API-Key with a key of POST /keys."},
	[ERR_BAD_CREDENTIALS] = {401, "Wrong credentials",
		"User name or password is wrong.",
		"Check user name and password. The answer is the same whether "
		"the name exists or not; many wrong ones in a row are slowed "
		"down."},
	[ERR_TOKEN_INVALID] = {401, "Invalid token",
		"The credential is not valid or has expired.",
		"Renew the access token by POST /auth/refresh, once, and "
		"repeat the call; when that is refused too, sign in again. An "
		"API key may have expired or been removed."},
	[ERR_TOKEN_REVOKED] = {401, "Revoked token", "Token has been revoked",
		"Sign in again: the session was ended by signing out, by a "
		"changed password or by an admin."},
	[ERR_INSUFFICIENT_SCOPE] = {403, "Not permitted",
		"The credential does not carry the permission that this call "
		"needs.",
		"Use a credential that has the permission, which detail and "
		"WWW-Authenticate name: an API key with that scope, the "
		"browser's session where keys are not taken, an admin's "
		"account for what admins do."},
	[ERR_REAUTH_REQUIRED] = {403, "Password needed again",
		"Give your password again, then repeat the call.",
		"POST /auth/reauthenticate with your password, then repeat "
		"the call within some minutes."},
	[ERR_HOOK_REFUSED] = {403, "Refused by the hook",
		"The hook's owner does not allow this.",
		"detail names the bound that the call is beyond: signature, "
		"address, time, symbol, side, max_value or orders_per_hour. "
		"The hook's owner sees each call at GET "
		"/hooks/{id}/deliveries, and can change the bounds."},
	[ERR_NOT_FOUND] = {404, "Not found", "There is no such thing.",
		"Check the path and the id. What belongs to another user is "
		"told in the same way as what does not exist."},
	[ERR_CSRF] = {403, "Not from this site",
		"A change by the browser's cookie needs its X-CSRF-Token and "
		"this site's own Origin.",
		"Send the CSRF token of the session (GET /auth/me shows it) "
		"as X-CSRF-Token, from a page of this installation. Programs "
		"use a bearer token or an API key instead of cookies."},
	[ERR_METHOD] = {405, "Method not allowed",
		"This path takes other methods; see the Allow header.",
		"Use one of the methods in the Allow header."},
	[ERR_CONFLICT] = {409, "Conflict",
		"It is taken already, or was changed meanwhile.",
		"Read the thing again and decide anew: the name is taken, its "
		"state does not allow this any more, or a call with the same "
		"Idempotency-Key is still running."},
	[ERR_PRECONDITION] = {412, "Changed meanwhile",
		"It is not at the version that If-Match names; read it "
		"again.",
		"GET it again, look at what changed, and send the change with "
		"the new ETag in If-Match."},
	[ERR_KEY_REUSED] = {422, "Key used before",
		"This Idempotency-Key came with another request before; use a "
		"new one.",
		"Use a new Idempotency-Key for a new request; repeat the old "
		"key only with the very same body."},
	[ERR_TOO_LARGE] = {413, "Too large",
		"The request body is larger than the server takes.",
		"Send less at a time."},
	[ERR_UNSUPPORTED_TYPE] = {415, "Unsupported media type",
		"Send the body as application/json.",
		"Set Content-Type: application/json and send JSON."},
	[ERR_RATE_LIMITED] = {429, "Too many requests",
		"Too many attempts; come back later.",
		"Wait as many seconds as Retry-After says. RateLimit and "
		"RateLimit-Policy tell which window is full, and all that the "
		"call counts in; refusals that go on make the wait longer."},
	[ERR_PLAIN_HTTP] = {403, "HTTPS required",
		"The API is served over HTTPS only.",
		"Call the same path with https://. The credential of this "
		"call has crossed the network in the clear: change it."},
	[ERR_NOT_CONFIGURED] = {503, "Not set up",
		"The operator of this installation did not set this up.",
		"Ask the operator to switch it on; docs/config.md says which "
		"setting does. Repeating the call does not help."},
	[ERR_UNAVAILABLE] = {503, "Temporarily unavailable",
		"The service cannot answer right now; try again shortly.",
		"Repeat the call after Retry-After seconds; with an "
		"Idempotency-Key where the call takes one, so that nothing is "
		"done twice."},
	[ERR_INTERNAL] = {500, "Internal error",
		"Something failed on our side; the request id helps to find "
		"it.",
		"Repeat the call once; if it fails again, tell the operator "
		"the request id."},
};

const struct problem *problem_of(enum err err)
{
	return &problems[err < ERR_COUNT ? err : ERR_INTERNAL];
}
