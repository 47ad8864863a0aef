/*
 * The one place that knows HTTP's error numbers: each way of failing, its
 * status and its words. Must never say what went wrong inside.
 */
#include "problem.h"

static const struct problem problems[ERR_COUNT] = {
	[ERR_OK] = {200, "OK", ""},
	[ERR_BAD_INPUT] = {400, "Invalid input",
		"The input breaks a rule; see errors."},
	[ERR_BAD_REQUEST] = {400, "Malformed request",
		"The request is malformed."},
	[ERR_NO_CREDENTIALS] = {401, "Sign-in required",
		"This call needs an access token or an API key."},
	[ERR_BAD_CREDENTIALS] = {401, "Wrong credentials",
		"User name or password is wrong."},
	[ERR_TOKEN_INVALID] = {401, "Invalid token",
		"The credential is not valid or has expired."},
	[ERR_TOKEN_REVOKED] = {401, "Revoked token", "Token has been revoked"},
	[ERR_INSUFFICIENT_SCOPE] = {403, "Not permitted",
		"The credential does not carry the permission that this call "
		"needs."},
	[ERR_REAUTH_REQUIRED] = {403, "Password needed again",
		"Give your password again, then repeat the call."},
	[ERR_NOT_FOUND] = {404, "Not found", "There is no such thing."},
	[ERR_CSRF] = {403, "Not from this site",
		"A change by the browser's cookie needs its X-CSRF-Token and "
		"this site's own Origin."},
	[ERR_METHOD] = {405, "Method not allowed",
		"This path takes other methods; see the Allow header."},
	[ERR_CONFLICT] = {409, "Conflict",
		"It is taken already, or was changed meanwhile."},
	[ERR_PRECONDITION] = {412, "Changed meanwhile",
		"It is not at the version that If-Match names; read it "
		"again."},
	[ERR_KEY_REUSED] = {422, "Key used before",
		"This Idempotency-Key came with another request before; use a "
		"new one."},
	[ERR_TOO_LARGE] = {413, "Too large",
		"The request body is larger than the server takes."},
	[ERR_UNSUPPORTED_TYPE] = {415, "Unsupported media type",
		"Send the body as application/json."},
	[ERR_RATE_LIMITED] = {429, "Too many requests",
		"Too many attempts; come back later."},
	[ERR_PLAIN_HTTP] = {403, "HTTPS required",
		"The API is served over HTTPS only."},
	[ERR_NOT_CONFIGURED] = {503, "Not set up",
		"The operator of this installation did not set this up."},
	[ERR_UNAVAILABLE] = {503, "Temporarily unavailable",
		"The service cannot answer right now; try again shortly."},
	[ERR_INTERNAL] = {500, "Internal error",
		"Something failed on our side; the request id helps to find "
		"it."},
};

const struct problem *problem_of(enum err err)
{
	return &problems[err < ERR_COUNT ? err : ERR_INTERNAL];
}
