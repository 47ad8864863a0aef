-- Preferences, and secrets that the web workers can only seal.

CREATE TABLE user_settings (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	name       TEXT NOT NULL,
	value      TEXT NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_secrets (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	name       TEXT NOT NULL,
	sealed     BLOB NOT NULL,
	key_id     TEXT NOT NULL,
	hint       TEXT NOT NULL,               -- last four characters at most
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_secrets_key ON user_secrets (key_id);

-- Rows never change their owner.
CREATE TRIGGER user_settings_owner BEFORE UPDATE OF user_id ON user_settings
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER user_secrets_owner BEFORE UPDATE OF user_id ON user_secrets
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
