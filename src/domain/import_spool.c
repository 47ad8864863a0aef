/*
 * The spool of an import: a file without a name, that nobody else can open.
 * Must never be read by another run: rows stand in it as they do in memory.
 */
#include "import_spool_private.h"

enum {
	BUFFER = 256 * 1024
};

enum err import_spool_open(struct import_spool *out)
{
	FILE *file = tmpfile();

	if (!file)
		return ERR_UNAVAILABLE;
	/* a buffer of its own; without one it is only slower */
	(void)setvbuf(file, NULL, _IOFBF, BUFFER);
	*out = (struct import_spool){.file = file};
	return ERR_OK;
}

enum err import_spool_put(
	struct import_spool *spool, const struct import_row *row)
{
	if (fwrite_unlocked(row, sizeof(*row), 1, spool->file) != 1)
		return ERR_UNAVAILABLE;
	spool->rows++;
	return ERR_OK;
}

enum err import_spool_turn(struct import_spool *spool)
{
	if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

enum err import_spool_next(
	struct import_spool *spool, bool *more, struct import_row *out)
{
	struct import_row row;

	if (fread_unlocked(&row, sizeof(row), 1, spool->file) != 1) {
		*more = false;
		return ferror(spool->file) ? ERR_UNAVAILABLE : ERR_OK;
	}
	*out = row;
	*more = true;
	return ERR_OK;
}

void import_spool_close(struct import_spool *spool)
{
	if (spool->file)
		(void)fclose(spool->file);
	spool->file = NULL;
}
