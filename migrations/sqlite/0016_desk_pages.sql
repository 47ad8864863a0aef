-- What the desk's pages ask for often, kept so that it is not added up anew;
-- answers under an Idempotency-Key of more than orders; denied orders that may
-- go after a while. Amounts are scaled by 1e-8, times milliseconds UTC.

-- What was traded that day. Follows from the fills: portfolio-check compares.
ALTER TABLE risk_days ADD COLUMN fills INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN wins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN won INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN fees INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_days ADD COLUMN volume INTEGER NOT NULL DEFAULT 0;
UPDATE risk_days SET fills = s.fills, wins = s.wins, losses = s.losses,
	won = s.won, lost = s.lost, fees = s.fees, volume = s.volume
FROM (SELECT user_id, account, created_at / 86400000 * 86400000 AS day,
	COUNT(*) AS fills, sum(realised > 0) AS wins,
	sum(realised < 0) AS losses, sum(max(realised, 0)) AS won,
	sum(min(realised, 0)) AS lost, sum(fee) AS fees, sum(value) AS volume
	FROM fills GROUP BY 1, 2, 3) AS s
WHERE s.user_id = risk_days.user_id AND s.account = risk_days.account
	AND s.day = risk_days.day;

-- Who set the state, and when; NULL: from before this was written down.
ALTER TABLE risk_settings ADD COLUMN state_by TEXT
	CHECK (state_by IN ('manual', 'key', 'strategy', 'system'));
ALTER TABLE risk_settings ADD COLUMN state_at INTEGER;

-- begun: its call runs, or ended without an answer; kept: result is the
-- answer; done: it was done, and its answer is not given twice.
ALTER TABLE idempotency_keys ADD COLUMN state TEXT NOT NULL DEFAULT 'kept'
	CHECK (state IN ('begun', 'kept', 'done'));
ALTER TABLE idempotency_keys ADD COLUMN status INTEGER;
ALTER TABLE idempotency_keys ADD COLUMN location TEXT;

-- A user's open orders among all that ended: without the condition as a column
-- of its own, and what order_private.h adds to it, the planner takes the
-- primary key and reads every order there ever was.
DROP INDEX orders_mine_open;
CREATE INDEX orders_mine_open ON orders (user_id,
	(state IN ('new', 'accepted', 'partially_filled', 'unknown')), id)
	WHERE state IN ('new', 'accepted', 'partially_filled', 'unknown');
CREATE INDEX orders_state ON orders (user_id, state, id);
CREATE INDEX orders_symbol ON orders (user_id, symbol, id);
CREATE INDEX orders_denied ON orders (user_id, state, created_at, reason)
	WHERE state = 'denied';
CREATE INDEX orders_denied_age ON orders (created_at) WHERE state = 'denied';

-- A denied order never was more than a refusal: it may go, with its log. Of
-- all others neither goes while their owner is there.
DROP TRIGGER order_log_kept_delete;
CREATE TRIGGER order_log_kept_delete BEFORE DELETE ON order_log
WHEN EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
	AND EXISTS (SELECT 1 FROM orders WHERE user_id = old.user_id
	AND id = old.order_id)
BEGIN
	SELECT raise(ABORT, 'the order log never changes, nor its owner');
END;
CREATE TRIGGER orders_kept_delete BEFORE DELETE ON orders
WHEN old.state <> 'denied'
	AND EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
BEGIN
	SELECT raise(ABORT, 'an order stays as long as its owner');
END;
