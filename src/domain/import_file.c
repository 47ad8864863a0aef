/*
 * The bytes of an import, through zlib, which also reads what is not
 * packed. Must never hold more than one buffer of the file.
 */
#include "import_private.h"

#include <fcntl.h>
#include <unistd.h>

enum err import_input_open(
	struct import_input *input, struct arena *arena, int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return ERR_UNAVAILABLE;
	*input = (struct import_input){.file = gzdopen(own, "rb")};
	if (!input->file) {
		(void)close(own);
		return ERR_UNAVAILABLE;
	}
	input->buffer = arena_alloc(arena, IMPORT_BUFFER);
	return ERR_OK;
}

enum err import_input_close(struct import_input *input)
{
	/* Tells a stream that was cut off, which reading alone does not. */
	int closed = gzclose_r(input->file);

	input->file = NULL;
	return closed == Z_OK && !input->failed ? ERR_OK : ERR_BAD_INPUT;
}

int import_peek(struct import_input *input)
{
	int got;

	if (input->at < input->len)
		return input->buffer[input->at];
	if (input->failed)
		return IMPORT_END;
	got = gzread(input->file, input->buffer, IMPORT_BUFFER);
	if (got < 0)
		input->failed = true;
	if (got <= 0)
		return IMPORT_END;
	input->at = 0;
	input->len = (size_t)got;
	if (input->progress)
		input->progress->tell(
			input->progress->thing, (int64_t)gzoffset(input->file));
	return input->buffer[0];
}

int import_byte(struct import_input *input)
{
	int byte = import_peek(input);

	if (byte != IMPORT_END)
		input->at++;
	return byte;
}

const char *import_line(const struct import_input *input, size_t *len)
{
	const unsigned char *from = input->buffer + input->at;
	const unsigned char *end = NULL;

	if (input->at < input->len)
		end = memchr(from, '\n', input->len - input->at);
	if (!end)
		return NULL;
	*len = (size_t)(end - from);
	return (const char *)from;
}
