-- The background jobs' plan and leases. What a job is stands in the program;
-- here stands when it is due, who has it, and how it went last.

CREATE TABLE jobs (
	name        TEXT NOT NULL PRIMARY KEY,
	interval_ms INTEGER NOT NULL CHECK (interval_ms >= 0), -- 0: only when asked
	next_at     INTEGER NOT NULL,
	lease_until INTEGER,                -- somebody has it until then
	lease_owner TEXT,                   -- host, process and a random part
	started_at  INTEGER,
	finished_at INTEGER,
	duration_ms INTEGER,
	last_result TEXT CHECK (last_result IN ('ok', 'failed', 'lost')),
	last_error  TEXT,
	failures    INTEGER NOT NULL DEFAULT 0, -- in a row
	runs        INTEGER NOT NULL DEFAULT 0, -- that came to their end
	paused      INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
	run_now     INTEGER NOT NULL DEFAULT 0 CHECK (run_now IN (0, 1)),
	CHECK ((lease_until IS NULL) = (lease_owner IS NULL))
) STRICT, WITHOUT ROWID;
