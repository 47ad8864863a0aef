/*
 * Backups: folders "kontor-TIME" with kontor.db (one whole snapshot) and
 * manifest.json (what it is, its SHA-256, the ids of the keys that its data
 * need; never a key). Made beside the workers, whole or not there. A restore
 * is prepared completely before one rename puts it in place.
 */
#ifndef APP_BACKUP_H
#define APP_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "audit.h"
#include "db.h"
#include "err.h"
#include "report.h"
#include "shape.h"

enum {
	BACKUP_HASH_ROOM = 65
};

struct backup_place {
	const char *folder; /* of the backups; made when it is not there */
	const char *key_folder;
	struct arena *arena;
	struct report *report;
	int64_t now; /* ms */
};

struct backup_key {
	const char *purpose; /* "token" | "hash" | "audit" | "vault" */
	const char *id;
};

struct backup_manifest {
	const char *program; /* its version */
	int64_t schema;
	int64_t created; /* ms */
	int64_t bytes;
	const char *sha256; /* hex, of kontor.db */
	struct list keys;   /* backup_key */
	struct list rows;   /* table_rows (domain/copy.h) */
	struct audit_head head;
	struct audit_seal seal; /* over the sum and what is said beside it */
};
/* What is sealed: the numbers and the sum, which stands for all data. */
const char *manifest_sealed(
	struct arena *arena, const struct backup_manifest *manifest);

/* ERR_CONFLICT while another one is being made there. */
MUST_CHECK enum err backup_make(
	const struct backup_place *place, struct db *db, const char **path);
/* Removes all but the newest `keep` (at least one). */
MUST_CHECK enum err backup_prune(
	const struct backup_place *place, int64_t keep, int64_t *removed);
/* The newest one: its path and when it was made; each may be NULL.
   ERR_NOT_FOUND when there is none. */
MUST_CHECK enum err backup_newest(
	const struct backup_place *place, const char **path, int64_t *made);

/* Paths of all, oldest first; of none when there is no such folder. */
MUST_CHECK enum err backup_list(
	const struct backup_place *place, struct text_list *out);

MUST_CHECK enum err manifest_read(const struct backup_place *place,
	const char *path, struct backup_manifest *out);
MUST_CHECK enum err manifest_write(const struct backup_place *place,
	const char *path, const struct backup_manifest *manifest);

/*
 * Is this backup whole: checksum, integrity, references, schema, row counts,
 * and the audit chain up to the manifest's head; and does its seal say that
 * this installation made it? ERR_BAD_INPUT with a report when not. *missing:
 * keys that the data need and that are not here.
 */
struct backup_finding {
	struct backup_manifest manifest;
	bool sealed;	     /* false: the key that would tell is not here */
	struct list missing; /* backup_key */
};
MUST_CHECK enum err backup_verify(const struct backup_place *place,
	const char *path, struct backup_finding *out);

/* SHA-256 and length of a regular file, no link; copied to `to` on the way unless that is
   NULL (a new file, 0600, on the disk when this returns). */
struct file_sum {
	char sha256[BACKUP_HASH_ROOM];
	int64_t bytes;
};
MUST_CHECK enum err file_sum(
	const char *path, const char *to, struct file_sum *out);
MUST_CHECK enum err file_sync(const char *path);

#endif
