/*
 * Growing arrays in an arena. Doubling leaves the smaller copies behind
 * until the arena is closed; never for what a caller could size beforehand.
 */
#include "vector_private.h"

enum {
	VECTOR_FIRST = 16
};

void vector_init(struct vector *vector, struct arena *arena, size_t size)
{
	*vector = (struct vector){.arena = arena, .size = size};
}

void *vector_add(struct vector *vector)
{
	if (vector->count == vector->room) {
		size_t room = vector->room ? vector->room * 2 : VECTOR_FIRST;
		void *items = arena_array(vector->arena, room, vector->size);

		if (vector->count > 0)
			memcpy(items, vector->items,
				vector->count * vector->size);
		vector->items = items;
		vector->room = room;
	}
	return (char *)vector->items + vector->size * vector->count++;
}
