/* The one rule for market symbols; never a look-up whether one exists. */
#include "symbol_private.h"

bool symbol_is_valid(const char *symbol)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(symbol);

	if (len == 0 || len > SYMBOL_LENGTH_LIMIT)
		return false;
	return strchr(letters, symbol[0]) && strspn(symbol, allowed) == len;
}
