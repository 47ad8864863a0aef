/*
 * Refresh tokens: each is good once. A second tab that presents the token
 * of a moment ago is given the same successor; a token that was rotated away
 * earlier was copied by somebody, and its whole session ends.
 */
#include "session_private.h"

#include "secret.h"
#include "text.h"

enum {
	ROTATIONS_A_MINUTE = 10 /* of one session */
};

static const char token_find_sql[] =
	"SELECT s.user_id, s.id, s.expires_at, s.last_seen_at, s.ended_at,"
	" s.rotated_at, s.successor, u.role, u.disabled, s.refresh_hash,"
	" s.rotations, s.rotations_since"
	" FROM sessions s JOIN users u ON u.id = s.user_id"
	" WHERE s.refresh_hash = :hash OR s.previous_hash = :hash";
static const char token_used_sql[] =
	"SELECT s.user_id, s.id, s.ended_at FROM refresh_tokens_used t"
	" JOIN sessions s ON s.id = t.session_id WHERE t.hash = :hash";
static const char rotate_sql[] =
	"UPDATE sessions SET refresh_hash = :new, previous_hash = :old,"
	" successor = :successor, rotated_at = :now,"
	" generation = generation + 1, last_seen_at = :now,"
	" rotations = :rotations, rotations_since = :since"
	" WHERE user_id = :user AND id = :session AND refresh_hash = :old";
static const char used_insert_sql[] =
	"INSERT INTO refresh_tokens_used (hash, session_id, expires_at)"
	" VALUES (:hash, :session, :expires)";

/* What the database knows about a presented token. */
struct presented {
	const char *text;
	const struct cookie_refresh *cookie; /* NULL: it came in the body */
	struct hash_set hashes;		     /* that it may stand under */
	unsigned char hash[HASH_BYTES];	     /* the one that was found */
	struct session_row session;
	bool disabled;
	bool current; /* else the one before */
	int64_t rotated;
	int64_t rotations, since; /* in the minute that began then */
	const void *successor;
	size_t successor_len;
};

enum standing {
	STANDING_UNKNOWN,
	STANDING_KNOWN,
	STANDING_USED
};

static void presented_read(const struct rows *rows, struct presented *out)
{
	size_t len;
	const void *refresh_hash = rows_blob(rows, 9, &len);

	out->session = (struct session_row){
		.user_id = rows_text(rows, 0),
		.id = rows_text(rows, 1),
		.expires = rows_int(rows, 2),
		.last_seen = rows_int(rows, 3),
		.ended = !rows_is_null(rows, 4),
		.role = text_equal(rows_text(rows, 7), "admin")
				? AUTH_ROLE_ADMIN
				: AUTH_ROLE_USER,
	};
	out->rotated = rows_int(rows, 5);
	out->successor = rows_blob(rows, 6, &out->successor_len);
	out->disabled = rows_int(rows, 8) != 0;
	out->rotations = rows_int(rows, 10);
	out->since = rows_int(rows, 11);
	out->current = secret_equal(out->hash, HASH_BYTES, refresh_hash, len);
}

static enum err find_known(struct auth *auth, const struct auth_call *call,
	struct presented *out, enum standing *standing)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, token_find_sql,
		BINDS(bind_blob(":hash", out->hash, HASH_BYTES)), &rows);

	if (err != ERR_OK || !rows)
		return err;
	presented_read(rows, out);
	rows_end(rows);
	*standing = STANDING_KNOWN;
	return ERR_OK;
}

static enum err find_used(struct auth *auth, const struct auth_call *call,
	struct presented *out, enum standing *standing)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, token_used_sql,
		BINDS(bind_blob(":hash", out->hash, HASH_BYTES)), &rows);

	if (err != ERR_OK || !rows)
		return err;
	out->session.user_id = rows_text(rows, 0);
	out->session.id = rows_text(rows, 1);
	out->session.ended = !rows_is_null(rows, 2);
	rows_end(rows);
	*standing = STANDING_USED;
	return ERR_OK;
}

static enum err find(struct auth *auth, const struct auth_call *call,
	struct presented *out, enum standing *standing)
{
	enum err err = ERR_OK;

	*standing = STANDING_UNKNOWN;
	for (size_t i = 0; i < out->hashes.count; i++) {
		memcpy(out->hash, out->hashes.hash[i], HASH_BYTES);
		err = find_known(auth, call, out, standing);
		if (err == ERR_OK && *standing == STANDING_UNKNOWN)
			err = find_used(auth, call, out, standing);
		if (err != ERR_OK || *standing != STANDING_UNKNOWN)
			return err;
	}
	return err;
}

/* Counts one rotation more; refused ones change nothing. */
static enum err rotation_count(
	const struct auth_call *call, struct presented *token)
{
	int64_t age = call->now - token->since;

	if (age < -CLOCK_SLACK_MS || age >= MINUTE_MS) {
		token->since = call->now;
		token->rotations = 0;
		age = 0;
	}
	if (token->rotations < ROTATIONS_A_MINUTE) {
		token->rotations++;
		return ERR_OK;
	}
	call->report->retry_after_s = (MINUTE_MS - age + MS - 1) / MS;
	report_detail(call->report, "Too many refreshes. Try again later.");
	report_event(call->report, "auth.refresh.limited");
	return ERR_RATE_LIMITED;
}

static enum err rotate(struct auth *auth, const struct auth_call *call,
	struct presented *old, struct token_pair *out)
{
	unsigned char hash[HASH_BYTES], sealed[SUCCESSOR_ROOM];
	struct grant grant;
	int64_t changed = 0;
	size_t len;
	enum err err;

	err = rotation_count(call, old);
	if (err != ERR_OK)
		return err;
	grant_create(call->arena, call->now, &grant);
	len = grant_seal(&grant, old->session.id, old->text, sealed);
	err = grant_hash(auth, call->arena, &grant, hash);
	if (err == ERR_OK)
		err = db_run(auth->db, rotate_sql,
			BINDS(bind_blob(":new", hash, HASH_BYTES),
				bind_blob(":old", old->hash, HASH_BYTES),
				bind_blob(":successor", sealed, len),
				bind_int(":now", call->now),
				bind_int(":rotations", old->rotations),
				bind_int(":since", old->since),
				bind_text(":user", old->session.user_id),
				bind_text(":session", old->session.id)),
			&changed);
	if (err == ERR_OK && changed != 1)
		err = ERR_INTERNAL;
	if (err == ERR_OK)
		err = db_run(auth->db, used_insert_sql,
			BINDS(bind_blob(":hash", old->hash, HASH_BYTES),
				bind_text(":session", old->session.id),
				bind_int(":expires", old->session.expires)),
			NULL);
	if (err == ERR_OK)
		err = grant_issue(auth, call, &old->session, &grant, out);
	secret_wipe(&grant, sizeof(grant));
	return err;
}

static enum err revoked(const struct auth_call *call)
{
	report_detail(call->report, "Token has been revoked");
	return ERR_TOKEN_REVOKED;
}

static const char reuse_event[] = "auth.refresh.reuse";

static enum err reused(struct auth *auth, const struct auth_call *call,
	const struct session_row *session, bool *reuse)
{
	enum err err =
		session_end_any(auth, call->now, session, "refresh_reuse");

	*reuse = true;
	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = reuse_event,
			.result = NOTE_DENIED,
			.actor = session->user_id,
			.object = session->id});
}

/* The same pair as the first time, while the grace lasts. */
static enum err repeat(struct auth *auth, const struct auth_call *call,
	const struct presented *old, struct token_pair *out, bool *reuse)
{
	int64_t age = call->now - old->rotated;
	struct grant grant;
	enum err err;

	/* rotated later than now: the clock was set back, and for how long
	   the grace would last nobody knows */
	if (age < -CLOCK_SLACK_MS ||
		age > auth->settings.refresh_grace_s * MS ||
		!grant_open(old->successor, old->successor_len, old->session.id,
			old->text, &grant))
		return reused(auth, call, &old->session, reuse);
	err = grant_issue(auth, call, &old->session, &grant, out);
	secret_wipe(&grant, sizeof(grant));
	return err;
}

/* A browser sends its cookie whoever asked for it: before anything happens,
   the page must have shown that it was ours. */
static enum err page_check(struct auth *auth, const struct auth_call *call,
	const struct presented *token)
{
	enum err err;

	if (!token->cookie)
		return ERR_OK;
	err = auth_csrf_check(
		auth, call->now, token->session.id, token->cookie->csrf_token);
	if (err == ERR_CSRF) {
		report_detail(call->report,
			"X-CSRF-Token is missing, or of another session.");
		report_event(call->report, "auth.csrf.refused");
	}
	return err;
}

/* In a transaction. *reuse: the session was ended, and that must stay. */
static enum err refresh_known(struct auth *auth, const struct auth_call *call,
	struct presented *token, struct token_pair *out, bool *reuse)
{
	if (token->disabled)
		return revoked(call);
	if (!session_is_live(auth, &token->session, call->now))
		return ERR_TOKEN_INVALID;
	if (token->current)
		return rotate(auth, call, token, out);
	return repeat(auth, call, token, out, reuse);
}

/* In a transaction. *reuse as above. */
static enum err refresh_write(struct auth *auth, const struct auth_call *call,
	struct presented *token, struct token_pair *out, bool *reuse)
{
	enum standing standing;
	enum err err = find(auth, call, token, &standing);

	if (err != ERR_OK)
		return err;
	if (standing == STANDING_UNKNOWN)
		return ERR_TOKEN_INVALID;
	err = page_check(auth, call, token);
	if (err != ERR_OK)
		return err;
	if (token->session.ended)
		return revoked(call);
	if (standing == STANDING_USED)
		return reused(auth, call, &token->session, reuse);
	err = refresh_known(auth, call, token, out, reuse);
	if (err == ERR_OK && !*reuse && token->cookie)
		err = pair_for_browser(auth, call, token->session.id, out);
	return err;
}

static bool looks_right(struct arena *arena, const char *text)
{
	unsigned char *bytes;
	size_t len;

	return strnlen(text, REFRESH_CHARACTERS + 1) == REFRESH_CHARACTERS &&
	       text_base64url_decode(arena, text, REFRESH_CHARACTERS, &bytes,
		       &len) == ERR_OK &&
	       len == REFRESH_BYTES;
}

static enum err refresh_finish(
	const struct auth_call *call, enum err err, bool reuse)
{
	if (err == ERR_OK && reuse) {
		report_event(call->report, reuse_event);
		return revoked(call);
	}
	if (err == ERR_TOKEN_INVALID || err == ERR_TOKEN_REVOKED)
		report_event(call->report, "auth.refresh.refused");
	return err;
}

/* Without the write lock, which no stranger's guess may take. */
static enum err known_check(struct auth *auth, const struct auth_call *call,
	struct presented *token)
{
	enum standing standing = STANDING_UNKNOWN;
	enum err err = hash_all(&auth->hashes, call->now, HASH_REFRESH_TOKEN,
		token->text, &token->hashes);

	if (err == ERR_OK)
		err = find(auth, call, token, &standing);
	if (err == ERR_OK && standing == STANDING_UNKNOWN)
		err = ERR_TOKEN_INVALID;
	return err;
}

static enum err refresh_run(struct auth *auth, const struct auth_call *call,
	struct presented *token, struct token_pair *out)
{
	struct token_pair pair = {0};
	bool reuse = false;
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!looks_right(call->arena, token->text))
		return refresh_finish(call, ERR_TOKEN_INVALID, false);
	err = known_check(auth, call, token);
	if (err != ERR_OK)
		return refresh_finish(call, err, false);
	err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = refresh_write(auth, call, token, &pair, &reuse);
	err = refresh_finish(call, db_finish(auth->db, err), reuse);
	if (err != ERR_OK)
		return err;
	report_event(call->report, "auth.refresh.succeeded");
	*out = pair;
	return ERR_OK;
}

enum err account_refresh(struct auth *auth, const struct auth_call *call,
	const char *refresh_token, struct token_pair *out)
{
	struct presented token = {.text = refresh_token};

	return refresh_run(auth, call, &token, out);
}

enum err account_refresh_cookie(struct auth *auth, const struct auth_call *call,
	const struct cookie_refresh *in, struct token_pair *out)
{
	struct presented token = {.text = in->refresh_token, .cookie = in};

	return refresh_run(auth, call, &token, out);
}
