-- Fills of one symbol, or of one order, newest first: no other fill is read.
CREATE INDEX fills_listed ON fills (user_id, symbol, id);
CREATE INDEX fills_order ON fills (user_id, order_id, id);
