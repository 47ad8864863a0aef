/*
 * What every fuzz target shares. A target is one file fuzz_NAME.c with one
 * function; libFuzzer, AFL++ and replay.c call it with bytes. It must find
 * more than crashes: whatever was accepted has to keep a promise, checked
 * with fuzz_require.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "report.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static inline void fuzz_require(bool promise)
{
	if (!promise)
		abort();
}

/* Empty again at each call. */
static inline struct arena *fuzz_arena(void)
{
	static struct arena *arena;

	if (arena == NULL)
		arena = arena_open((size_t)256 << 20);
	arena_reset(arena);
	return arena;
}

/* The bytes as text: a CGI parameter holds no NUL. */
static inline const char *fuzz_text(
	struct arena *arena, const uint8_t *bytes, size_t len)
{
	return arena_copy(arena, bytes, strnlen((const char *)bytes, len));
}

#endif
