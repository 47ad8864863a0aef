/* A number in a header, without the cost of printing. */
#ifndef NUMBER_PRIVATE_H
#define NUMBER_PRIVATE_H

#include <stdint.h>
#include <stddef.h>

enum {
	NUMBER_ROOM = 24 /* digits, sign and NUL */
};

/* Writes at the end of `room`; answers where the text begins. */
static inline const char *number_write(int64_t number, char room[NUMBER_ROOM])
{
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	size_t at = NUMBER_ROOM - 1;

	room[at] = '\0';
	do {
		room[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		room[--at] = '-';
	return room + at;
}

#endif
