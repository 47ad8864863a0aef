/*
 * A settings file of an older installation, one JSON object for everybody,
 * moved into one user's settings. Secrets are sealed as those of PUT
 * /settings are. No value of the file is ever told again.
 */
#ifndef DOMAIN_IMPORT_SETTINGS_H
#define DOMAIN_IMPORT_SETTINGS_H

#include "json.h"
#include "scope.h"
#include "shape.h"

struct vault;

enum settings_fate {
	SETTINGS_TAKEN,
	SETTINGS_SAME,	  /* stored like this already */
	SETTINGS_KEPT,	  /* the user has one of his own */
	SETTINGS_EMPTY,	  /* "" or null: nothing to take */
	SETTINGS_UNKNOWN, /* a name that nobody here knows */
	SETTINGS_REFUSED, /* known, and never taken from a file */
	SETTINGS_FATE_COUNT
};
struct settings_member {
	const char *name; /* as the file has it; "binance.apiKey" of a part */
	const char *setting; /* ours, or NULL */
	const char *why;     /* in words, or NULL */
	enum settings_fate fate;
};
struct settings_import {
	const struct json *file;
	bool replace; /* what the user has already, too */
};

/*
 * In the caller's transaction, which he commits, or does not to see what would
 * happen. All or nothing: ERR_BAD_INPUT with a fault for each value that its
 * setting cannot have, and each setting that is named twice. *out:
 * settings_member, in the file's order.
 */
MUST_CHECK enum err settings_import(struct scope *scope, struct vault *vault,
	const struct settings_import *in, struct list *out);

#endif
