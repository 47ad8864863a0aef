/*
 * The arena of a request: blocks from malloc, handed out from the front.
 * Never returns NULL and never goes past its cap: both end the process with
 * one line, so no caller can forget to check.
 */
#include "arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BLOCK_BYTES = 32 * 1024,
	LARGE_BYTES = 2 * 1024 * 1024, /* a huge page, where there are such */
	EXIT_MEMORY = 70
};

struct block {
	struct block *next; /* the older one */
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct defer {
	struct defer *next; /* the one registered before */
	void (*release)(void *);
	void *thing;
};

struct arena {
	size_t cap;
	size_t used;
	struct block *blocks; /* the newest, where allocation goes on */
	struct block *first;  /* kept by arena_reset */
	struct block *spares; /* kept too: at most keep bytes of them */
	size_t keep, spare_bytes;
	struct defer *defers;
};

/* The request is lost, the worker too: its supervisor starts another. */
static _Noreturn void give_up(bool over_cap)
{
	static const char cap_line[] =
		"{\"level\":\"error\",\"event\":\"memory.over_cap\"}\n";
	static const char out_line[] =
		"{\"level\":\"error\",\"event\":\"memory.exhausted\"}\n";
	ssize_t written;

	if (over_cap)
		written = write(2, cap_line, sizeof(cap_line) - 1);
	else
		written = write(2, out_line, sizeof(out_line) - 1);
	(void)written;
	_exit(EXIT_MEMORY);
}

/* Columns of millions of bars: a page fault for each 4 KiB of them would cost
   more than what is computed in them. */
static void *large_open(size_t bytes)
{
	size_t pages = (bytes + LARGE_BYTES - 1) / LARGE_BYTES;
	void *memory = aligned_alloc(LARGE_BYTES, pages * LARGE_BYTES);

	if (memory)
		(void)madvise(memory, pages * LARGE_BYTES, MADV_HUGEPAGE);
	return memory;
}

static struct block *block_open(size_t size)
{
	struct block *block;

	if (size > SIZE_MAX - sizeof(*block) - LARGE_BYTES)
		give_up(true);
	block = sizeof(*block) + size < LARGE_BYTES
			? malloc(sizeof(*block) + size)
			: large_open(sizeof(*block) + size);
	if (!block)
		give_up(false);
	*block = (struct block){.size = size};
	return block;
}

struct arena *arena_open(size_t cap_bytes)
{
	struct arena *arena = malloc(sizeof(*arena));

	if (!arena)
		give_up(false);
	*arena = (struct arena){.cap = cap_bytes};
	arena->first = block_open(BLOCK_BYTES);
	arena->blocks = arena->first;
	return arena;
}

void arena_keep(struct arena *arena, size_t bytes)
{
	arena->keep = bytes;
}

static void block_close(struct arena *arena, struct block *block)
{
	if (arena->spare_bytes > arena->keep ||
		block->size > arena->keep - arena->spare_bytes) {
		free(block);
		return;
	}
	block->used = 0;
	block->next = arena->spares;
	arena->spares = block;
	arena->spare_bytes += block->size;
}

void arena_reset(struct arena *arena)
{
	/* A release may look at other things of the arena: they go last. */
	while (arena->defers) {
		struct defer *defer = arena->defers;

		arena->defers = defer->next;
		defer->release(defer->thing);
	}
	while (arena->blocks != arena->first) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		block_close(arena, block);
	}
	arena->first->used = 0;
	arena->used = 0;
}

void arena_close(struct arena **arena)
{
	if (!*arena)
		return;
	(*arena)->keep = (*arena)->spare_bytes;
	arena_reset(*arena);
	while ((*arena)->spares) {
		struct block *block = (*arena)->spares;

		(*arena)->spares = block->next;
		free(block);
	}
	free((*arena)->first);
	free(*arena);
	*arena = NULL;
}

/* The smallest that is large enough, or NULL. */
static struct block *spare_take(struct arena *arena, size_t size)
{
	struct block **best = NULL;
	struct block *block;

	for (struct block **at = &arena->spares; *at; at = &(*at)->next)
		if ((*at)->size >= size &&
			(!best || (*at)->size < (*best)->size))
			best = at;
	if (!best)
		return NULL;
	block = *best;
	*best = block->next;
	arena->spare_bytes -= block->size;
	return block;
}

static struct block *block_with_room(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	const size_t wanted = size > BLOCK_BYTES ? size : BLOCK_BYTES;

	if (size <= block->size - block->used)
		return block;
	block = spare_take(arena, wanted);
	if (!block)
		block = block_open(wanted);
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static void *take(struct arena *arena, size_t size)
{
	const size_t step = alignof(max_align_t);
	struct block *block;
	void *bytes;

	if (size > SIZE_MAX - step)
		give_up(true);
	size = size ? (size + step - 1) / step * step : step;
	if (size > arena->cap - arena->used)
		give_up(true);
	block = block_with_room(arena, size);
	bytes = block->bytes + block->used;
	block->used += size;
	arena->used += size;
	return bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *arena_column(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		give_up(true);
	return take(arena, bytes);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		give_up(true);
	return arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		give_up(true);
	copy = arena_alloc(arena, len + 1);
	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *thing)
{
	struct defer *defer = arena_alloc(arena, sizeof(*defer));

	*defer = (struct defer){arena->defers, release, thing};
	arena->defers = defer;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

size_t arena_left(const struct arena *arena)
{
	return arena->cap - arena->used;
}
