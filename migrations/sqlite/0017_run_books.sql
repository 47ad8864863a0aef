-- What a strategy run that trades knows beside its rules: how it reckons and
-- the state of its simulator, written in the transaction of the candle that
-- it has seen. Amounts at 8 digits, as in the orders.

CREATE TABLE run_sims (
	user_id     TEXT NOT NULL,
	run_id      TEXT NOT NULL,
	account     INTEGER NOT NULL,
	options     TEXT NOT NULL,              -- JSON: cash, costs
	state       TEXT,                       -- of the simulator, NULL at
	                                        -- its beginning
	held        TEXT NOT NULL,              -- JSON: what it holds, to read
	trades      INTEGER NOT NULL DEFAULT 0, -- that were closed
	refused     INTEGER NOT NULL DEFAULT 0, -- entries: no money or too
	                                        -- little
	blocked     INTEGER NOT NULL DEFAULT 0, -- by the strategy's limits
	denied      INTEGER NOT NULL DEFAULT 0, -- by risk
	last_time   INTEGER,                    -- open of the last candle
	last_price  INTEGER,                    -- its close
	updated_at  INTEGER NOT NULL,
	PRIMARY KEY (user_id, run_id),
	FOREIGN KEY (user_id, run_id)
		REFERENCES strategy_runs (user_id, id) ON DELETE CASCADE,
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE,
	CHECK ((state IS NULL) = (last_time IS NULL)),
	CHECK ((last_time IS NULL) = (last_price IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER run_sims_owner BEFORE UPDATE OF user_id ON run_sims
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;

-- A run leaves the entry that it means, not the oldest: the fill's number.
ALTER TABLE fills ADD COLUMN closes INTEGER;
