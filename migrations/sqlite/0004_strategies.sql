-- Strategies (every save a version) and the backtests made of them.

CREATE TABLE strategies (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id         TEXT NOT NULL UNIQUE,
	name       TEXT NOT NULL,
	version    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	removed_at INTEGER,
	PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE strategy_versions (
	user_id     TEXT NOT NULL,
	strategy_id TEXT NOT NULL,
	version     INTEGER NOT NULL,
	definition  TEXT NOT NULL,              -- JSON as it was saved
	created_at  INTEGER NOT NULL,
	PRIMARY KEY (user_id, strategy_id, version),
	FOREIGN KEY (user_id, strategy_id)
		REFERENCES strategies (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE backtests (
	user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id               TEXT NOT NULL UNIQUE,
	strategy_id      TEXT,
	strategy_version INTEGER,
	symbol           TEXT NOT NULL,
	interval_ms      INTEGER NOT NULL,
	status           TEXT NOT NULL,
	request          TEXT NOT NULL,         -- JSON: definition and options
	stats            TEXT NOT NULL,         -- JSON
	equity           TEXT NOT NULL,         -- JSON
	trades           TEXT NOT NULL,         -- JSON
	created_at       INTEGER NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY (user_id, strategy_id)
		REFERENCES strategies (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX backtests_strategy
	ON backtests (user_id, strategy_id, strategy_version);

-- Rows never change their owner.
CREATE TRIGGER strategies_owner BEFORE UPDATE OF user_id ON strategies
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER strategy_versions_owner BEFORE UPDATE OF user_id ON strategy_versions
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER backtests_owner BEFORE UPDATE OF user_id ON backtests
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
