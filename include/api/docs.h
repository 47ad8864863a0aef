/* The OpenAPI document: /openapi.json, printed once at start-up. */
#ifndef API_DOCS_H
#define API_DOCS_H

#include "route.h"

struct json_text {
	const char *text;
	size_t len;
};

route_public handle_openapi; /* RAW("application/json; charset=utf-8") */

#endif
