-- A result of many trades is read in two parts, so that looking at it does not
-- move megabytes; and a queued backtest says how far it is.

ALTER TABLE backtests ADD COLUMN trades_rest TEXT;  -- JSON; NULL: no more
ALTER TABLE runs ADD COLUMN bars_done INTEGER NOT NULL DEFAULT 0;
