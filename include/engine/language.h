/*
 * The strategy language, as others describe it: a JSON Schema (2020-12) of a
 * definition, printed from the tables that the compiler itself reads.
 */
#ifndef ENGINE_LANGUAGE_H
#define ENGINE_LANGUAGE_H

#include "buf.h"

enum {
	LANGUAGE_SCHEMA_BYTES = 128 * 1024 /* enough room for it */
};

/* Each indicator says its parameters, outputs, formula's origin and seed. */
void language_schema(struct buf *out);

#endif
