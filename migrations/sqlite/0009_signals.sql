-- Strategies at work: each run is one version of a strategy on one symbol,
-- and what it said about each closed candle. Times are milliseconds UTC.

CREATE TABLE strategy_runs (
	user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id               TEXT NOT NULL UNIQUE,
	strategy_id      TEXT NOT NULL,
	strategy_version INTEGER NOT NULL,      -- the one it was started with
	symbol           TEXT NOT NULL,
	interval_ms      INTEGER NOT NULL,
	params           TEXT,                  -- JSON object, or NULL: defaults
	mode             TEXT NOT NULL,
	state            TEXT NOT NULL
		CHECK (state IN ('running', 'stopped', 'failed')),
	started_at       INTEGER NOT NULL,
	stopped_at       INTEGER,
	error            TEXT,                  -- why it failed
	last_candle      INTEGER,               -- open of the last one evaluated
	evaluated_at     INTEGER,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY (user_id, strategy_id, strategy_version)
		REFERENCES strategy_versions (user_id, strategy_id, version),
	CHECK ((state = 'running') = (stopped_at IS NULL)),
	CHECK ((last_candle IS NULL) = (evaluated_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX strategy_runs_running
	ON strategy_runs (user_id, strategy_id, symbol) WHERE state = 'running';
CREATE INDEX strategy_runs_strategy
	ON strategy_runs (user_id, strategy_id, strategy_version);

-- Those that fired, and of each run the last one whatever it was.
CREATE TABLE signals (
	user_id     TEXT NOT NULL,
	id          TEXT NOT NULL UNIQUE,       -- sorts by the candle's close
	run_id      TEXT NOT NULL,
	strategy_id TEXT NOT NULL,
	symbol      TEXT NOT NULL,
	candle_time INTEGER NOT NULL,           -- open of the candle
	price       INTEGER NOT NULL,           -- its close, at price_scale
	price_scale INTEGER NOT NULL CHECK (price_scale BETWEEN 0 AND 8),
	kind        TEXT NOT NULL CHECK (kind IN ('entry_long', 'entry_short',
		'exit_long', 'exit_short', 'none')),
	decisions   INTEGER NOT NULL CHECK (decisions BETWEEN 0 AND 15),
	                                        -- every rule that fired: bits 0
	                                        -- to 3 in the order of kind
	held        INTEGER NOT NULL,           -- conditions of the rule ...
	conditions  INTEGER NOT NULL CHECK (conditions >= held),
	                                        -- ... and how many it has
	reason      TEXT NOT NULL,              -- JSON: the rule, its conditions
	created_at  INTEGER NOT NULL,
	PRIMARY KEY (user_id, id),
	UNIQUE (user_id, run_id, candle_time),
	FOREIGN KEY (user_id, run_id)
		REFERENCES strategy_runs (user_id, id) ON DELETE CASCADE,
	FOREIGN KEY (user_id, strategy_id)
		REFERENCES strategies (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signals_strategy ON signals (user_id, strategy_id, id);
CREATE INDEX signals_age ON signals (created_at);

-- Raised by whatever changes candles that were there, or puts some between
-- or before them: what was computed from the old ones is computed again.
ALTER TABLE symbols ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- Rows never change their owner.
CREATE TRIGGER strategy_runs_owner BEFORE UPDATE OF user_id ON strategy_runs
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER signals_owner BEFORE UPDATE OF user_id ON signals
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
