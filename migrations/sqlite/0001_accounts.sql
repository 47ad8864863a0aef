-- Users, their sessions and credentials. Times are milliseconds UTC.

CREATE TABLE users (
	id            TEXT PRIMARY KEY,
	username      TEXT NOT NULL,
	username_key  TEXT NOT NULL UNIQUE,     -- folded: unique without case
	email         TEXT,
	password_hash TEXT NOT NULL,            -- Argon2id, parameters inside
	role          TEXT NOT NULL CHECK (role IN ('admin', 'user')),
	disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
	created_at    INTEGER NOT NULL,
	password_at   INTEGER NOT NULL,
	last_login_at INTEGER
) STRICT, WITHOUT ROWID;

-- One row a login. The refresh token is opaque: only keyed hashes stand
-- here. previous_hash and successor serve the grace in which a second tab
-- may present the token that was rotated a moment ago.
CREATE TABLE sessions (
	user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id             TEXT NOT NULL UNIQUE,
	refresh_hash   BLOB NOT NULL UNIQUE,
	previous_hash  BLOB,
	successor      BLOB,                    -- sealed with a key from the old token
	rotated_at     INTEGER,
	generation     INTEGER NOT NULL DEFAULT 0,
	created_at     INTEGER NOT NULL,
	last_seen_at   INTEGER NOT NULL,
	expires_at     INTEGER NOT NULL,        -- absolute, never extended
	password_at    INTEGER NOT NULL,        -- last time the password was given
	address        TEXT NOT NULL,
	user_agent     TEXT,
	ended_at       INTEGER,
	end_reason     TEXT,
	rotations       INTEGER NOT NULL DEFAULT 0, -- in the minute since
	rotations_since INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_previous ON sessions (previous_hash);
CREATE INDEX sessions_open ON sessions (user_id, created_at, id)
WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Every refresh token that was rotated away, until its session expires:
-- presenting one again outside the grace ends the session.
CREATE TABLE refresh_tokens_used (
	hash       BLOB NOT NULL PRIMARY KEY,
	session_id TEXT NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_used_expiry ON refresh_tokens_used (expires_at);
CREATE INDEX refresh_tokens_used_session ON refresh_tokens_used (session_id);

-- Access tokens that must not be taken any more, until they expire.
CREATE TABLE token_blacklist (
	jti        TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL,
	revoked_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_blacklist_expiry ON token_blacklist (expires_at);

CREATE TABLE api_keys (
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id           TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	secret_hash  BLOB NOT NULL,
	hint         TEXT NOT NULL,             -- last four characters
	scopes       TEXT NOT NULL,             -- space-separated
	created_at   INTEGER NOT NULL,
	expires_at   INTEGER,
	last_used_at INTEGER,
	PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- Failed logins by account name and source, unknown names included; the
-- name is kept as a keyed hash. One more subject counts registrations.
CREATE TABLE login_failures (
	subject     BLOB NOT NULL,
	source      TEXT NOT NULL,
	failures    INTEGER NOT NULL,
	last_at     INTEGER NOT NULL,
	PRIMARY KEY (subject, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_failures_age ON login_failures (last_at);

CREATE TABLE setup_tokens (
	hash       BLOB NOT NULL PRIMARY KEY,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows never change their owner.
CREATE TRIGGER sessions_owner BEFORE UPDATE OF user_id ON sessions
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER api_keys_owner BEFORE UPDATE OF user_id ON api_keys
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
