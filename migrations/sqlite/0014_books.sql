-- Several books a user: a venue, and by hand or of one strategy run. The
-- CHECKs of a column go with it, so a column that may hold more is made anew.

DROP INDEX trade_accounts_open;
ALTER TABLE trade_accounts ADD COLUMN place TEXT NOT NULL DEFAULT 'paper'
	CHECK (place IN ('paper', 'binance'));
ALTER TABLE trade_accounts DROP COLUMN venue;
ALTER TABLE trade_accounts RENAME COLUMN place TO venue;
ALTER TABLE trade_accounts ADD COLUMN run_id TEXT;  -- NULL: by hand
CREATE UNIQUE INDEX trade_accounts_open
	ON trade_accounts (user_id, venue, coalesce(run_id, ''))
	WHERE closed_at IS NULL;
CREATE UNIQUE INDEX trade_accounts_run
	ON trade_accounts (user_id, run_id) WHERE run_id IS NOT NULL;
CREATE TRIGGER trade_accounts_kept BEFORE UPDATE ON trade_accounts
WHEN new.venue <> old.venue OR new.run_id IS NOT old.run_id
BEGIN
	SELECT raise(ABORT, 'a book never changes its venue or run');
END;

ALTER TABLE orders ADD COLUMN place TEXT NOT NULL DEFAULT 'paper'
	CHECK (place IN ('paper', 'binance'));
ALTER TABLE orders DROP COLUMN venue;
ALTER TABLE orders RENAME COLUMN place TO venue;
-- Close of the candle that a strategy decided on; NULL: by hand. The rate of
-- orders is reckoned by it: what is decided on old candles is not of now.
ALTER TABLE orders ADD COLUMN decided_at INTEGER;
CREATE INDEX orders_decided
	ON orders (user_id, coalesce(decided_at, created_at));
CREATE INDEX orders_run ON orders (user_id, run_id) WHERE run_id IS NOT NULL;
