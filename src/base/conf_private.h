/*
 * Secrets' files: shared by conf.c and conf_secret.c.
 */
#ifndef BASE_CONF_PRIVATE_H
#define BASE_CONF_PRIVATE_H

#include "conf.h"

/* A file that holds one secret, and who named it. */
struct conf_secret {
	const char *name;  /* of the setting */
	const char *path;  /* NULL: none */
	const char *where; /* "file:line", the variable, or the path */
	enum conf_source source;
};

/* NULL, or what is wrong with who may use the settings file. */
const char *conf_file_fault(const char *path, bool holds_secret);
/* Is there a password in it (scheme://user:password@host)? */
bool conf_has_password(const char *text);
/* Takes over the rest of `out` when the service manager's folder (or NULL)
   holds a secret of its name. */
void conf_credential(
	const char *folder, struct arena *arena, struct conf_secret *out);
/* Reports at secret->where what is wrong with the file. */
MUST_CHECK enum err conf_secret_read(struct arena *arena,
	const struct conf_secret *secret, struct report *report,
	const char **out);

#endif
