/* What a market symbol may look like. */
#ifndef DOMAIN_SYMBOL_PRIVATE_H
#define DOMAIN_SYMBOL_PRIVATE_H

#include <stdbool.h>

enum {
	SYMBOL_LENGTH_LIMIT = 32
};
#define SYMBOL_RULE "1 to 32 of A-Z 0-9 . _ -, beginning with a letter or digit"

bool symbol_is_valid(const char *symbol);

#endif
