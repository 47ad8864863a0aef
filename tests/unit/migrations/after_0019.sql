-- With after_0018.sql: rows as they stood after migration 0019.
INSERT INTO channels (user_id, id, kind, address, events, enabled, failures,
	last_error, sent_at, created_at, updated_at) VALUES
	('01user0000000000000000a1', '01chan00000000000000000001', 'webhook',
		'https://example.org', 127, 1, 1, 'There was no connection.',
		1795000081000, 1795000023000, 1795000023000);
INSERT INTO notifications (user_id, id, channel_id, kind, body, state, held,
	attempts, next_at, error, created_at, ended_at) VALUES
	('01user0000000000000000a1', '01note00000000000000000001',
		'01chan00000000000000000001', 'fill', 'Bought 1 BTC-USD',
		'sent', 0, 1, 1795000080000, NULL, 1795000080000,
		1795000081000);
INSERT INTO summaries (user_id, day, updated_at) VALUES
	('01user0000000000000000a1', 20775, 1795000081000);
INSERT INTO hooks (user_id, id, name, secret_hash, hint, nonce, signed,
	addresses, symbols, sides, max_value, orders_per_hour, window_s, venue,
	enabled, created_at, updated_at, called_at) VALUES
	('01user0000000000000000a1', '01hook00000000000000000001', 'alerts',
		x'00ff', 'abcd', 'nonce', 1, '192.0.2.0/24', 'BTC-USD', 'buy',
		100000000000, 20, 300, 'paper', 1, 1795000023000,
		1795000023000, 1795000080000);
INSERT INTO hook_deliveries (user_id, id, hook_id, at, address, once, action,
	symbol, state, reason) VALUES
	('01user0000000000000000a1', '01dlvr00000000000000000001',
		'01hook00000000000000000001', 1795000080000, '192.0.2.1',
		'id:1', 'buy', 'BTC-USD', 'placed', NULL);
