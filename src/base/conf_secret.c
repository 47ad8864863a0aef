/*
 * Secrets that stand in files of their own, and keeping them to ourselves:
 * read, shown without being seen, overwritten. No message here ever holds a
 * value.
 */
#include "conf_private.h"

#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "secret.h"
#include "text.h"

const char *conf_file_fault(const char *path, bool holds_secret)
{
	struct stat info;

	/* a pipe or a device is the caller's own */
	if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
		return NULL;
	if ((info.st_mode & S_IWOTH) != 0)
		return "may be written by everybody: chmod o-w";
	if (holds_secret && (info.st_mode & S_IROTH) != 0)
		return "holds a secret, and everybody may read it: chmod o=";
	return NULL;
}

bool conf_has_password(const char *text)
{
	const char *start = strstr(text, "://");
	const char *end = start ? strrchr(start, '@') : NULL;

	return end && end > start + 3;
}

/* The manager's folder is private to the service already, and the files in
   it may carry access lists, which look like rights of the group. */
void conf_credential(
	const char *folder, struct arena *arena, struct conf_secret *out)
{
	const char *path;

	if (!folder || *folder == '\0')
		return;
	path = file_join(arena, folder, out->name);
	if (access(path, F_OK) != 0)
		return;
	out->path = path;
	out->where = path;
	out->source = CONF_FROM_CREDENTIAL;
}

static enum err read_whole(struct arena *arena,
	const struct conf_secret *secret, char **text, size_t *len)
{
	if (secret->source == CONF_FROM_CREDENTIAL)
		return file_read_trusted(
			arena, secret->path, CONF_SECRET_MAX, text, len);
	return file_read_private(
		arena, secret->path, CONF_SECRET_MAX, text, len);
}

static const char *read_fault(enum err err, const struct conf_secret *secret)
{
	if (err == ERR_NOT_FOUND)
		return "names a file that is not there";
	if (err == ERR_TOO_LARGE)
		return "names a file that is too large for a secret";
	if (err != ERR_BAD_INPUT)
		return "names a file that cannot be read";
	return secret->source == CONF_FROM_CREDENTIAL
		       ? "is a file that others may write"
		       : "names a file that others may read: chmod 600";
}

enum err conf_secret_read(struct arena *arena, const struct conf_secret *secret,
	struct report *report, const char **out)
{
	char *text;
	size_t len;
	enum err err = read_whole(arena, secret, &text, &len);

	if (err != ERR_OK) {
		report_fault(
			report, secret->where, "%s", read_fault(err, secret));
		return err;
	}
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len == 0 || strlen(text) != len) {
		report_fault(report, secret->where,
			len == 0 ? "names an empty file"
				 : "names a file with a NUL in it");
		return ERR_BAD_INPUT;
	}
	*out = text;
	return ERR_OK;
}

/* What stands between "://" and "@" shows as three stars. */
static const char *without_password(struct arena *arena, const char *text)
{
	const char *start = strstr(text, "://");
	const char *end = start ? strrchr(start, '@') : NULL;

	if (!end)
		return text;
	return arena_format(
		arena, "%.*s***%s", (int)(start + 3 - text), text, end);
}

const char *conf_show(
	const struct conf_row *row, struct arena *arena, const void *in)
{
	const char *member = (const char *)in + row->offset;
	const char *text;
	int64_t number;
	bool truth;

	switch (conf_kind_of(row)) {
	case CONF_INT:
		memcpy(&number, member, sizeof(number));
		return arena_format(arena, "%lld", (long long)number);
	case CONF_BOOL:
		memcpy(&truth, member, sizeof(truth));
		return truth ? "true" : "false";
	case CONF_TEXT:
	case CONF_CHOICE:
		break;
	}
	memcpy(&text, member, sizeof(text));
	if (!text || *text == '\0')
		return "";
	return row->secret ? "(set)" : without_password(arena, text);
}

void conf_wipe(const struct conf_table *table, void *out)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];
		char *member = (char *)out + row->offset;
		char *text;

		if (!row->secret)
			continue;
		memcpy(&text, member, sizeof(text));
		/* a default is a constant of the program, and no secret */
		if (!text || text == row->initial)
			continue;
		secret_wipe(text, strlen(text));
	}
}
