-- With after_0019.sql: rows as they stood after migration 0020.
INSERT INTO outbox (user_id, order_id, kind, state, attempts, next_at, until_at,
	sent_at, final_at, venue_order, code, detail, updated_at) VALUES
	('01user0000000000000000a1', '01order00000000000000000001', 'place',
		'resting', 1, 1795000085000, 1795000080000, 1795000021000,
		1795000036000, '4711', NULL, NULL, 1795000080000),
	('01user0000000000000000a1', '01order00000000000000000001', 'cancel',
		'queued', 0, 1795000080000, 9223372036854775807, NULL, NULL, NULL,
		-2011, 'Unknown order sent.', 1795000080000);
INSERT INTO exchange_keys (user_id, venue, secrets_at, state, reason, detail,
	known, can_trade, can_withdraw, bound, checked_at, compared_at) VALUES
	('01user0000000000000000a1', 'binance', 1795000000000, 'refused',
		'key_can_withdraw', 'The key may withdraw.', 1, 1, 1, 0,
		1795000000000, 0);
INSERT INTO cash_entries (user_id, account, seq, kind, fill_id, reason, amount,
	balance, created_at) VALUES ('01user0000000000000000a1', 1, 2, 'adjust', NULL,
		'came_from_elsewhere', -1, 999999999999, 1795000080000);
INSERT INTO exchange_rules (venue, symbol, trading, tick, price_min, price_max,
	step, lot_min, lot_max, value_min, read_at) VALUES ('binance', 'BTC-USDT', 1,
		1000000, 1000000, 0, 1000, 1000, 0, 500000000, 1795000080000);
INSERT INTO fills (user_id, id, account, seq, order_id, symbol, side, quantity,
	price, value, fee, maker, realised, candle_time, created_at, venue_trade,
	fee_asset, fee_quantity, fee_kept) VALUES
	('01user0000000000000000a1', '01fill000000000000000000009', 1, 9,
		'01order00000000000000000001', 'BTC-USDT', 'buy', 100, 100, 1, 1, 0,
		0, NULL, 1795000080000, '4712', 'BTC', 1, 1);
