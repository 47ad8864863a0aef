-- What a user asks of the background process, which alone may open secrets
-- and reach the network. Times are milliseconds UTC.

CREATE TABLE errands (
	user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id          TEXT NOT NULL UNIQUE,
	kind        TEXT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done',
		'failed')),
	input       TEXT,                       -- JSON: what is asked for
	sealed      BLOB,                       -- a secret that belongs to it,
	                                        -- gone when it has ended
	result      TEXT,                       -- JSON, when it is done
	error       TEXT,                       -- in words, when it failed
	created_at  INTEGER NOT NULL,
	lease_owner TEXT,                       -- while it is running
	lease_until INTEGER,
	ended_at    INTEGER,
	PRIMARY KEY (user_id, id),
	CHECK ((state = 'running') = (lease_until IS NOT NULL)),
	CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX errands_open ON errands (id) WHERE state IN ('queued', 'running');

-- Rows never change their owner.
CREATE TRIGGER errands_owner BEFORE UPDATE OF user_id ON errands
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
