-- Orders that are changed at an exchange: cancelled there, and what is left of
-- them given again with the new terms. Amounts are integers at a scale of 8
-- digits.

-- Of a row that places: how often it was given again, which its name there
-- ends in, and what was filled before that.
ALTER TABLE outbox ADD COLUMN generation INTEGER NOT NULL DEFAULT 0
	CHECK (generation >= 0);
ALTER TABLE outbox ADD COLUMN base INTEGER NOT NULL DEFAULT 0
	CHECK (base >= 0);
-- Of one that cancels: with what the order is given again behind it. No
-- quantity: it ends.
ALTER TABLE outbox ADD COLUMN next_quantity INTEGER
	CHECK (next_quantity IS NULL
		OR (next_quantity > 0 AND kind = 'cancel'));
ALTER TABLE outbox ADD COLUMN next_price INTEGER CHECK (next_price > 0);
ALTER TABLE outbox ADD COLUMN next_stop INTEGER CHECK (next_stop > 0);
