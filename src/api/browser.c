/*
 * The browser session: both tokens in cookies that no script can read, and
 * a CSRF token in one that the page can. Never leaves a token in the body of
 * such an answer.
 */
#include "browser_private.h"

#include "origin.h"

static const char csrf_cookie[] = "__Host-kontor-csrf";

static void add(struct call *call, const struct reply_cookie *cookie)
{
	struct reply *reply = &call->reply;

	if (reply->cookie_count < REPLY_COOKIES)
		reply->cookies[reply->cookie_count++] = *cookie;
}

void browser_keep(struct call *call, struct token_pair *pair)
{
	call->reply.cookie_count = 0;
	add(call, &(const struct reply_cookie){.name = REQUEST_COOKIE_ACCESS,
			  .value = pair->access_token,
			  .max_age_s = pair->expires_in});
	add(call, &(const struct reply_cookie){.name = REQUEST_COOKIE_REFRESH,
			  .value = pair->refresh_token,
			  .max_age_s = pair->refresh_expires_in});
	add(call, &(const struct reply_cookie){.name = csrf_cookie,
			  .value = pair->csrf_token,
			  .max_age_s = pair->refresh_expires_in,
			  .readable = true});
	pair->access_token = NULL;
	pair->refresh_token = NULL;
}

void browser_forget(struct call *call)
{
	static const struct reply_cookie gone[] = {
		{.name = REQUEST_COOKIE_ACCESS, .value = ""},
		{.name = REQUEST_COOKIE_REFRESH, .value = ""},
		{.name = csrf_cookie, .value = "", .readable = true},
	};

	call->reply.cookie_count = 0;
	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
		add(call, &gone[i]);
}

enum err browser_check_site(const struct call *call)
{
	if (request_same_origin(call->request, call->services->origin))
		return ERR_OK;
	report_event(call->report, "request.csrf.origin");
	return ERR_CSRF;
}
