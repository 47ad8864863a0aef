/*
 * The stable names of the errors, as clients and logs see them. Adding one
 * is a change of the API; renaming one is never done.
 */
#include "err.h"

const char *err_slug(enum err err)
{
	static const char *const slugs[ERR_COUNT] = {
		[ERR_OK] = "ok",
		[ERR_BAD_INPUT] = "bad_input",
		[ERR_BAD_REQUEST] = "bad_request",
		[ERR_NO_CREDENTIALS] = "no_credentials",
		[ERR_BAD_CREDENTIALS] = "bad_credentials",
		[ERR_TOKEN_INVALID] = "token_invalid",
		[ERR_TOKEN_REVOKED] = "token_revoked",
		[ERR_INSUFFICIENT_SCOPE] = "insufficient_scope",
		[ERR_REAUTH_REQUIRED] = "reauth_required",
		[ERR_HOOK_REFUSED] = "hook_refused",
		[ERR_NOT_FOUND] = "not_found",
		[ERR_CSRF] = "csrf_failed",
		[ERR_METHOD] = "method_not_allowed",
		[ERR_CONFLICT] = "conflict",
		[ERR_PRECONDITION] = "precondition_failed",
		[ERR_KEY_REUSED] = "idempotency_key_reused",
		[ERR_TOO_LARGE] = "too_large",
		[ERR_UNSUPPORTED_TYPE] = "unsupported_type",
		[ERR_RATE_LIMITED] = "rate_limited",
		[ERR_PLAIN_HTTP] = "plain_http",
		[ERR_NOT_CONFIGURED] = "not_configured",
		[ERR_UNAVAILABLE] = "unavailable",
		[ERR_INTERNAL] = "internal",
	};

	if ((unsigned)err >= ERR_COUNT || !slugs[err])
		return "internal";
	return slugs[err];
}
