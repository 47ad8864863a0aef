/* A growing array in an arena: for results whose number is not known. */
#ifndef DOMAIN_VECTOR_PRIVATE_H
#define DOMAIN_VECTOR_PRIVATE_H

#include <stddef.h>

#include "arena.h"

struct vector {
	struct arena *arena;
	size_t size; /* of one element */
	size_t count, room;
	void *items;
};

void vector_init(struct vector *vector, struct arena *arena, size_t size);
/* A zeroed element at the end; moves the earlier ones now and then. */
void *vector_add(struct vector *vector);

#endif
