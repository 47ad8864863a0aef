/* One CGI parameter from the fuzzer among good ones, parsed as a request. */
#ifndef FUZZ_REQUEST_HELP_H
#define FUZZ_REQUEST_HELP_H

#include "fuzz.h"
#include "request.h"

/* parameter: "NAME=value"; one of the same name below is replaced. */
static inline enum err fuzz_request(
	struct arena *arena, const char *parameter, struct request *out)
{
	const char *params[] = {parameter, "REQUEST_METHOD=GET",
		"REQUEST_URI=/api/v1/x", "REMOTE_ADDR=127.0.0.1", "HTTPS=on",
		NULL};
	size_t name = strcspn(parameter, "=") + 1;

	for (size_t i = 1; params[i] != NULL; i++)
		if (strncmp(params[i], parameter, name) == 0)
			params[i] = "HTTP_ACCEPT=*/*";
	*out = (struct request){.arena = arena};
	return request_parse(arena, params, report_open(arena), out);
}

static inline const char *fuzz_parameter(
	struct arena *arena, const char *name, const char *value)
{
	size_t len = strlen(name), more = strlen(value);
	char *text = arena_alloc(arena, len + more + 2);

	memcpy(text, name, len);
	text[len] = '=';
	memcpy(text + len + 1, value, more);
	return text;
}

#endif
