/*
 * One setting's value, read and stored: shared by conf.c and conf_value.c.
 */
#ifndef BASE_CONF_PRIVATE_H
#define BASE_CONF_PRIVATE_H

#include "conf.h"

/* The kind, where a row with choices is a choice whatever its kind says. */
enum conf_kind conf_kind_of(const struct conf_row *row);
/* True when the text is a good value of the row; else reports at `where`. */
bool conf_check(const struct conf_row *row, const char *text, const char *where,
	struct report *report);
/* Writes a checked value (NULL: none given, no default) into the struct. */
void conf_store(const struct conf_row *row, const char *text, void *out);

#endif
