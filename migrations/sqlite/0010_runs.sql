-- Work that takes longer than a request may: a row a run, cut into chunks of
-- points that the runners of `kontor work` lease. Times are milliseconds UTC.

ALTER TABLE backtests ADD COLUMN error TEXT;  -- why it failed

-- A backtest's row goes when it ends (what came of it stands in backtests);
-- other kinds' stay, with their result.
CREATE TABLE runs (
	user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id               TEXT NOT NULL UNIQUE,
	kind             TEXT NOT NULL,
	state            TEXT NOT NULL CHECK (state IN ('queued', 'running',
		'done', 'failed', 'cancelled')),
	strategy_id      TEXT,
	strategy_version INTEGER,
	symbol           TEXT NOT NULL,
	interval_ms      INTEGER NOT NULL,
	request          TEXT NOT NULL,         -- JSON: enough to run it
	bars             INTEGER NOT NULL,      -- candles when it was asked for
	points           INTEGER NOT NULL,      -- 0: the finish is all of it
	next_point       INTEGER NOT NULL DEFAULT 0, -- points + 1: all is out
	done_points      INTEGER NOT NULL DEFAULT 0,
	point_us         INTEGER NOT NULL,      -- a point's time, estimated
	finish_us        INTEGER NOT NULL,      -- the same of the finish
	spent_us         INTEGER NOT NULL DEFAULT 0, -- on the done points
	result           TEXT,                  -- JSON, when it is done
	error            TEXT,
	created_at       INTEGER NOT NULL,
	started_at       INTEGER,
	ended_at         INTEGER,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY (user_id, strategy_id)
		REFERENCES strategies (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_open ON runs (user_id, id)
WHERE state IN ('queued', 'running');
CREATE INDEX runs_strategy ON runs (user_id, strategy_id);

-- What was given out: points first_point..first_point + points - 1, or the
-- finish (points 0). Done when it has no lease; all go when the run ends.
CREATE TABLE run_chunks (
	user_id     TEXT NOT NULL,
	run_id      TEXT NOT NULL,
	first_point INTEGER NOT NULL,
	points      INTEGER NOT NULL,
	attempts    INTEGER NOT NULL,
	lease_owner TEXT,
	lease_until INTEGER,
	charged_us  INTEGER NOT NULL,           -- to the user, beforehand
	result      BLOB,
	PRIMARY KEY (user_id, run_id, first_point),
	FOREIGN KEY (user_id, run_id)
		REFERENCES runs (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX run_chunks_lease ON run_chunks (lease_owner)
WHERE lease_owner IS NOT NULL;

-- Whose turn it is: the least service_us. joined 0: had nothing to do, and
-- begins at the least of those who have. Runs asked for since window_at.
CREATE TABLE run_service (
	user_id     TEXT NOT NULL PRIMARY KEY
		REFERENCES users (id) ON DELETE CASCADE,
	service_us  INTEGER NOT NULL DEFAULT 0,
	served_at   INTEGER NOT NULL DEFAULT 0, -- a count of turns, not a time
	joined      INTEGER NOT NULL DEFAULT 0,
	window_at   INTEGER NOT NULL,
	window_runs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows never change their owner.
CREATE TRIGGER runs_owner BEFORE UPDATE OF user_id ON runs
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER run_chunks_owner BEFORE UPDATE OF user_id ON run_chunks
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER run_service_owner BEFORE UPDATE OF user_id ON run_service
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
