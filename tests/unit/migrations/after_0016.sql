-- Rows as they stood after migration 0016.
INSERT INTO users (id, username, username_key, email, password_hash, role,
	disabled, created_at, password_at, last_login_at) VALUES
	('01user0000000000000000a1', 'Alice', 'alice', 'alice@example.org',
		'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 'admin', 0,
		1795000000000, 1795000000001, 1795000000002),
	('01user0000000000000000b0', 'bob''s', 'bob''s', NULL,
		'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaB', 'user', 1,
		1795000001000, 1795000001000, NULL);
INSERT INTO sessions (user_id, id, refresh_hash, previous_hash, successor,
	rotated_at, generation, created_at, last_seen_at, expires_at,
	password_at, address, user_agent, ended_at, end_reason) VALUES
	('01user0000000000000000a1', '01sess00000000000000000001', x'00ff01',
		x'00ff00', x'77', 1795000000500, 3, 1795000000000,
		1795000000600, 1795604800000, 1795000000000, '203.0.113.7',
		'Browser/1.0 (ünï)', NULL, NULL),
	('01user0000000000000000b0', '01sess00000000000000000002', x'00ff02',
		NULL, NULL, NULL, 0, 1795000001000, 1795000001000,
		1795604801000, 1795000001000, '2001:db8::1', NULL,
		1795000002000, 'logout');
INSERT INTO refresh_tokens_used (hash, session_id, expires_at) VALUES
	(x'00ff00', '01sess00000000000000000001', 1795604800000);
INSERT INTO token_blacklist (jti, user_id, revoked_at, expires_at) VALUES
	('01jti000000000000000000001', '01user0000000000000000b0',
		1795000002000, 1795001800000);
INSERT INTO api_keys (user_id, id, name, secret_hash, hint, scopes,
	created_at, expires_at, last_used_at) VALUES
	('01user0000000000000000a1', '01akey00000000000000000001', 'ci',
		x'abcd', 'wxyz', 'strategies:read backtests:write',
		1795000000000, NULL, 1795000003000);
INSERT INTO login_failures (subject, source, failures, last_at) VALUES
	(x'0102', '203.0.113.9', 4, 1795000006000);
INSERT INTO setup_tokens (hash, expires_at) VALUES (x'beef', 1795000900000);
INSERT INTO user_settings (user_id, name, value, updated_at) VALUES
	('01user0000000000000000a1', 'currency', 'EUR', 1795000005000),
	('01user0000000000000000b0', 'theme', 'dark', 1795000006000);
INSERT INTO user_secrets (user_id, name, sealed, key_id, hint, updated_at)
	VALUES ('01user0000000000000000a1', 'binance_secret', x'0100ff',
		'0011223344556677', 'abcd', 1795000007000);
INSERT INTO symbols (symbol, source, price_scale, volume_scale, series,
	created_at) VALUES ('BTC-USD', 'import', 2, 8,
		'[[60000,2,1794999960000,1795000020000]]', 1795000008000);
INSERT INTO candle_blocks (symbol, interval_ms, first, last, candles, data)
	VALUES ('BTC-USD', 60000, 1794999960000, 1795000020000, 2,
		x'4f9971ff0100020060ea000000000000c0c155eea101000040548900000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020202040000f4010000e8030000f401000015cd5b0700000000');
INSERT INTO strategies (user_id, id, name, version, created_at, updated_at,
	removed_at) VALUES
	('01user0000000000000000a1', '01strat0000000000000000001', 'Crossing',
		2, 1795000009000, 1795000010000, NULL),
	('01user0000000000000000b0', '01strat0000000000000000002', 'Old', 1,
		1795000009500, 1795000009500, 1795000011000);
INSERT INTO strategy_versions (user_id, strategy_id, version, definition,
	created_at) VALUES
	('01user0000000000000000a1', '01strat0000000000000000001', 1,
		'{"name":"Crossing"}', 1795000009000),
	('01user0000000000000000a1', '01strat0000000000000000001', 2,
		'{"name":"Crossing","note":"it''s"}', 1795000010000),
	('01user0000000000000000b0', '01strat0000000000000000002', 1, '{}',
		1795000009500);
INSERT INTO backtests (user_id, id, strategy_id, strategy_version, symbol,
	interval_ms, status, request, stats, equity, trades, created_at,
	report, fingerprint)
	VALUES
	('01user0000000000000000a1', '01back00000000000000000001',
		'01strat0000000000000000001', 2, 'BTC-USD', 60000, 'done',
		'{}', '{"trades":1}', '[]', '[]', 1795000012000,
		'{"ratios":{}}', 'c0ffee'),
	('01user0000000000000000b0', '01back00000000000000000002', NULL, NULL,
		'BTC-USD', 60000, 'done', '{}', '{}', '[]', '[]',
		1795000013000, NULL, NULL);
INSERT INTO jobs (name, interval_ms, next_at, lease_until, lease_owner,
	started_at, finished_at, duration_ms, last_result, last_error,
	failures, runs, paused, run_now) VALUES
	('clean', 60000, 1795000060000, NULL, NULL, 1795000000000,
		1795000000020, 20, 'ok', NULL, 0, 7, 0, 0),
	('backup', 86400000, 1795000000000, 1795007205000,
		'host.example/4711/00ff', 1795000000000, NULL, NULL, 'lost',
		NULL, 1, 0, 1, 0);
INSERT INTO audit_log (seq, at, event, result, actor, object, address,
	request_id, detail, key_id, mac) VALUES
	(1, 1795000009000, 'auth.login.failed', 'denied', NULL, NULL,
		'203.0.113.9', 'r-1', 'b"ob', '0011223344556677',
		x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO audit_log (seq, at, event, result, actor, object, address,
	request_id, detail, key_id, mac) VALUES
	(2, 1795000009001, 'admin.user.role', 'ok', '01user0000000000000000a1',
		'01user0000000000000000b0', '2001:db8::1', NULL, NULL,
		'0011223344556677',
		x'1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100');
INSERT INTO system_settings (name, value, updated_at, updated_by) VALUES
	('REGISTRATION_OPEN', 'false', 1795000014000,
		'01user0000000000000000a1'),
	('RATE_LIMIT_LOGIN', '4/60', 1795000015000, '01user0000000000000000zz');
INSERT INTO strategy_runs (user_id, id, strategy_id, strategy_version, symbol,
	interval_ms, params, mode, state, started_at, stopped_at, error,
	last_candle, evaluated_at) VALUES
	('01user0000000000000000a1', '01run000000000000000000001',
		'01strat0000000000000000001', 1, 'BTC-USD', 60000,
		'{"fast":5}', 'signal', 'running', 1795000016000, NULL, NULL,
		1795000020000, 1795000080100),
	('01user0000000000000000b0', '01run000000000000000000002',
		'01strat0000000000000000002', 1, 'BTC-USD', 60000, NULL,
		'signal', 'failed', 1795000016000, 1795000017000,
		'there are no candles', NULL, NULL);
INSERT INTO signals (user_id, id, run_id, strategy_id, symbol, candle_time,
	price, price_scale, kind, decisions, held, conditions, reason,
	created_at) VALUES
	('01user0000000000000000a1', '01signal000000000000000001',
		'01run000000000000000000001', '01strat0000000000000000001',
		'BTC-USD', 1795000020000, 6543210, 2, 'entry_long', 9, 2, 3,
		'{"rule":"entry_long","conditions":[]}', 1795000080100);
INSERT INTO runs (user_id, id, kind, state, strategy_id, strategy_version,
	symbol, interval_ms, request, bars, points, next_point, done_points,
	point_us, finish_us, spent_us, result, error, created_at, started_at,
	ended_at) VALUES
	('01user0000000000000000a1', '01run000000000000000000001', 'sweep',
		'running', '01strat0000000000000000001', 2, 'BTC-USD', 60000,
		'{}', 2, 10, 6, 3, 900, 2000, 2700, NULL, NULL, 1795000016000,
		1795000016100, NULL),
	('01user0000000000000000b0', '01run000000000000000000002',
		'walk_forward', 'failed', NULL, NULL, 'BTC-USD', 60000, '{}',
		2, 4, 4, 4, 1, 1, 1, NULL, 'it''s over', 1795000016001,
		1795000016002, 1795000016003);
INSERT INTO run_chunks (user_id, run_id, first_point, points, attempts,
	lease_owner, lease_until, charged_us, result) VALUES
	('01user0000000000000000a1', '01run000000000000000000001', 0, 3, 1,
		NULL, NULL, 2700, x'00ff'),
	('01user0000000000000000a1', '01run000000000000000000001', 3, 3, 2,
		'host.example/4711/00ff-1', 1795000086000, 2700, NULL);
INSERT INTO run_service (user_id, service_us, served_at, joined, window_at,
	window_runs) VALUES
	('01user0000000000000000a1', 5400, 2, 1, 1795000016000, 1);
INSERT INTO trade_accounts (user_id, account, venue, run_id, start_balance,
	opened_at, closed_at, peak_equity, version) VALUES
	('01user0000000000000000a1', 1, 'paper', NULL, 1000000000000, 1795000021000,
		NULL, 1000100000000, 5),
	('01user0000000000000000a1', 2, 'paper', '01run000000000000000000001',
		1000000000000, 1795000021000, 1795000022000, 1000000000000, 1),
	('01user0000000000000000a1', 3, 'binance', NULL, 1000000000000,
		1795000021000, NULL, 1000000000000, 1);
INSERT INTO orders (user_id, id, account, client_order_id, venue, source,
	run_id, symbol, side, type, time_in_force, post_only, reduce_only,
	quantity, price, stop_price, trail, bound, oco, state, reason, filled,
	filled_value, fees, triggered, mark, seen_until, version, created_at,
	updated_at, decided_at) VALUES
	('01user0000000000000000a1', '01order00000000000000000001', 1, 'mine-1',
		'paper', 'manual', NULL, 'BTC-USD', 'buy', 'limit', 'gtc', 0,
		0, 100000000, 6500000000000, NULL, NULL, 6500000000000, NULL,
		'filled', NULL, 100000000, 6500000000000, 6500000000, 0, 0,
		1795000079999, 3, 1795000022000, 1795000080000, NULL);
INSERT INTO order_log (user_id, order_id, version, at, from_state, to_state,
	cause, reason, filled, quantity, price) VALUES
	('01user0000000000000000a1', '01order00000000000000000001', 1, 1795000022000,
		NULL, 'new', 'submit', NULL, 0, 100000000, 6500000000000);
INSERT INTO fills (user_id, id, account, seq, order_id, symbol, side, quantity,
	price, value, fee, maker, realised, candle_time, created_at) VALUES
	('01user0000000000000000a1', '01fill000000000000000000001', 1, 1,
		'01order00000000000000000001', 'BTC-USD', 'buy', 100000000,
		6500000000000, 6500000000000, 6500000000, 1, 0, 1795000020000,
		1795000080000);
INSERT INTO cash_entries (user_id, account, seq, kind, fill_id, amount,
	balance, created_at) VALUES
	('01user0000000000000000a1', 1, 1, 'start', NULL, 1000000000000,
		1000000000000, 1795000021000);
INSERT INTO position_lots (user_id, account, symbol, seq, quantity, cost,
	opened_at) VALUES
	('01user0000000000000000a1', 1, 'BTC-USD', 1, 100000000, 6500000000000,
		1795000080000);
INSERT INTO positions (user_id, account, symbol, quantity, cost, realised,
	fees, last_seq, updated_at) VALUES
	('01user0000000000000000a1', 1, 'BTC-USD', 100000000, 6500000000000, 0,
		6500000000, 1, 1795000080000);
INSERT INTO equity_snapshots (user_id, account, at, cash, equity, exposure)
	VALUES ('01user0000000000000000a1', 1, 1795000080000, 1, 2, 1);
INSERT INTO risk_settings (user_id, max_order_value, allow_short, state,
	updated_at, state_by, state_at) VALUES ('01user0000000000000000a1',
		100000000000, 1, 'reducing', 1795000080000, 'key', 1795000080000);
INSERT INTO risk_days (user_id, account, day, start_equity, low_equity,
	last_equity, orders, denied, fills, wins, losses, won, lost, fees, volume)
	VALUES ('01user0000000000000000a1', 1, 1794960000000, 3, 1, 2, 4, 1, 1, 0, 0,
		0, 0, 6500000000, 6500000000000);
INSERT INTO idempotency_keys (user_id, key, route, body_hash, result,
	created_at) VALUES ('01user0000000000000000a1', 'k-1', 'POST /orders',
		'00ff', '01order00000000000000000001', 1795000022000),
	('01user0000000000000000a1', 'k-2', 'POST /keys', '00ff', '',
		1795000022000);
UPDATE idempotency_keys SET state = 'done', status = 201,
	location = '/api/v1/keys/01key000000000000000000001' WHERE key = 'k-2';
INSERT INTO errands (user_id, id, kind, state, input, sealed, result, error,
	created_at, lease_owner, lease_until, ended_at) VALUES
	('01user0000000000000000a1', '01errand000000000000000001',
		'test_binance', 'done', NULL, NULL, '{"can_trade":true}', NULL,
		1795000000000, NULL, NULL, 1795000001000),
	('01user0000000000000000a1', '01errand000000000000000002',
		'test_telegram', 'running', '{"x":1}', x'0100', NULL, NULL,
		1795000000000, 'host/1/00', 1795000065000, NULL);
