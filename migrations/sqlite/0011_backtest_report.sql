-- The long report on a backtest, and the hash that tells two results apart.
-- Those that were run before have neither.

ALTER TABLE backtests ADD COLUMN report TEXT;       -- JSON
ALTER TABLE backtests ADD COLUMN fingerprint TEXT;  -- 64 hex digits
