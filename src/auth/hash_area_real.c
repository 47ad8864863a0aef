/*
 * The kept area. The program exports its own mmap and munmap, and the
 * dynamic linker binds libsodium's calls to them: between hash_area_begin
 * and hash_area_end a large anonymous mapping is answered with the area,
 * everything else goes to the kernel as before (mmap64 is the C library's
 * other name for the same function). Where the linker binds otherwise, or
 * the area cannot be made, hashes are as slow as they were, and as right.
 *
 * The one mutable object of the program: an interposed function is given no
 * context. Never for more than one thread.
 */
#include "hash_area.h"

#include <stdbool.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

enum {
	HUGE_PAGE = 2 << 20,
	LEAST = 1 << 20 /* smaller mappings are not of a hash */
};

static struct {
	bool on;   /* a hash is running */
	bool lent; /* it has the area */
	void *map; /* as it was mapped, one huge page longer */
	size_t map_len;
	unsigned char *at; /* aligned to huge pages */
	size_t len;	   /* of what may be lent */
	size_t dirty;	   /* bytes that were lent since the last wipe */
	uint64_t uses;
	int64_t used_us; /* monotonic */
} hash_area;

static void kernel_unmap(void *at, size_t len)
{
	(void)syscall(SYS_munmap, at, len);
}

static void area_drop(void)
{
	if (hash_area.map)
		kernel_unmap(hash_area.map, hash_area.map_len);
	hash_area.map = NULL;
	hash_area.at = NULL;
	hash_area.map_len = 0;
	hash_area.len = 0;
	hash_area.dirty = 0; /* the kernel wipes what it takes back */
}

static void area_make(size_t len)
{
	const size_t whole = (len + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *map = mmap64(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t at;

	if (map == MAP_FAILED)
		return;
	at = ((uintptr_t)map + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	hash_area.map = map;
	hash_area.map_len = whole + HUGE_PAGE;
	hash_area.at = (unsigned char *)map + (at - (uintptr_t)map);
	hash_area.len = whole;
	/* refused: small pages, made once all the same */
	(void)madvise(hash_area.at, whole, MADV_HUGEPAGE);
	(void)madvise(map, hash_area.map_len, MADV_DONTDUMP);
}

/* The area, or NULL when this is not what it is for. */
static void *area_lend(void *at, size_t len, int flags, int fd)
{
	const int wanted = MAP_PRIVATE | MAP_ANONYMOUS;

	if (!hash_area.on || hash_area.lent || at || fd != -1 || len < LEAST ||
		(flags & wanted) != wanted)
		return NULL;
	if (hash_area.len < len) {
		area_drop();
		area_make(len);
	}
	if (hash_area.len < len)
		return NULL;
	hash_area.lent = true;
	if (hash_area.dirty < len)
		hash_area.dirty = len;
	hash_area.uses++;
	return hash_area.at;
}

/* The names and parameters are the C library's. */
#pragma GCC visibility push(default)
/* NOLINTNEXTLINE(readability-function-size) */
void *mmap(
	void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	void *area = area_lend(at, len, flags, fd);

	return area ? area
		    : mmap64(at, len, protection, flags, fd, (off64_t)offset);
}

int munmap(void *at, size_t len)
{
	if (hash_area.lent && at == hash_area.at) {
		hash_area.lent = false;
		return 0;
	}
	return (int)syscall(SYS_munmap, at, len);
}
#pragma GCC visibility pop

void hash_area_begin(void)
{
	hash_area.on = true;
}

void hash_area_end(void)
{
	hash_area.on = false;
	if (hash_area.dirty > 0)
		explicit_bzero(hash_area.at, hash_area.dirty);
	hash_area.dirty = 0;
	/* not given back: the next hash maps its own */
	if (hash_area.lent)
		area_drop();
	hash_area.lent = false;
	hash_area.used_us = clock_monotonic_us();
}

void hash_area_idle(int64_t unused_us)
{
	if (hash_area.map && !hash_area.on &&
		clock_monotonic_us() - hash_area.used_us >= unused_us)
		area_drop();
}

size_t hash_area_bytes(void)
{
	return hash_area.len;
}

uint64_t hash_area_uses(void)
{
	return hash_area.uses;
}
