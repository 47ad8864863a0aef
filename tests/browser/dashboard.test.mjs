/*
 * The dashboard as a person uses it, in a real browser, against a running
 * server: KONTOR_URL and KONTOR_ADMIN_LINK (an unused set-up link), both
 * https. KONTOR_SCREENSHOTS names a folder for pictures. The server needs
 * the daily candles of GOOG. Prints a line a check; fails when one does.
 */
import { readFileSync } from 'node:fs'
import { request } from 'playwright-core'
import * as desk from './desk.mjs'
import { docs } from './docs.mjs'
import { hooks } from './hooks.mjs'
import { axe, check, must, open, summary, survey } from './harness.mjs'

const url = process.env.KONTOR_URL?.replace(/\/$/, '')
const adminLink = process.env.KONTOR_ADMIN_LINK
if (!url || !adminLink) {
	console.error('KONTOR_URL and KONTOR_ADMIN_LINK must be set')
	process.exit(2)
}
if (new URL(url).origin !== new URL(adminLink).origin) {
	console.error('KONTOR_URL and KONTOR_ADMIN_LINK must be of one origin')
	process.exit(2)
}
const USERNAME = 'hanna'
const PASSWORD = 'Seven-ships-left-Visby'

const { context, page, seen, close } = await open(url)
const button = (name) => page.getByRole('button', { name, exact: true })
const heading = (name) => page.getByRole('heading', { level: 1, name })
const ready = async () => {
	await page.getByRole('heading', { level: 1 }).waitFor()
	await page.waitForFunction(() => !document.querySelector('.loading'))
}
const go = async (hash) => {
	await page.evaluate((to) => (location.hash = to), hash)
	await ready()
}
const alertText = () => page.getByRole('alert').filter({ hasText: /\S/ }).first().innerText()

/* Answers the next matching request in the server's stead, once. */
async function answerOnce(pattern, method, status, body, headers = {}) {
	let done = false
	await page.route(pattern, async (route) => {
		if (done || route.request().method() !== method) return route.continue()
		done = true
		const problem = { type: 'about:blank', title: 'Refused', status, request_id: 'test-request', ...body }
		await route.fulfill({ status, contentType: 'application/problem+json', headers, body: JSON.stringify(problem) })
	})
	return () => page.unroute(pattern)
}

async function setUp() {
	await page.goto(adminLink)
	await survey(page, 'setup')
	await check('set-up: a weak password is refused with its rules', async () => {
		await page.getByLabel('User name').fill(USERNAME)
		await page.getByLabel('Password', { exact: true }).fill('short')
		await page.getByLabel('Password, again').fill('shirt')
		await button('Create the administrator').click()
		must((await page.locator('.rules .met').count()) < 3, 'all rules are said to be met')
		await page.getByText('The two passwords differ.').waitFor()
	})
	await check('set-up: the link makes the administrator and signs in', async () => {
		await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
		await page.getByLabel('Password, again').fill(PASSWORD)
		must((await page.locator('.rules .met').count()) === 3, 'not all rules are met')
		await button('Create the administrator').click()
		await heading('Overview').waitFor()
		must(!page.url().includes('setup'), 'the one-time token is still in the address')
	})
	await heading('Overview').waitFor()
	await check('overview: the first steps are listed', async () => {
		await ready()
		must((await page.locator('.steps li').count()) === 3, 'there are not three steps')
		must((await page.locator('.steps .done').count()) === 0, 'a step is done already')
	})
	await survey(page, 'first-steps')
}

async function keys() {
	await go('#/settings')
	await check('settings: keys go in as passwords and come back as four signs', async () => {
		for (const [label, secret] of [['Binance API key', 'binance-key-for-the-test-Q7Xz'], ['Binance secret', 'binance-secret-for-the-test-m2Kp']]) {
			const field = page.getByLabel(label, { exact: true })
			must((await field.getAttribute('type')) === 'password', `${label} is readable`)
			await field.fill(secret)
			await button(`Store the ${label}`).click()
			await page.locator('.secret', { hasText: label }).getByText(`…${secret.slice(-4)}`).waitFor()
			must(!(await page.content()).includes(secret), `${label} is still in the page`)
		}
	})
	await check('settings: what the exchange says of the keys stands beside them', async () => {
		await page.locator('[data-keys="unchecked"]').getByText('not checked yet').waitFor()
		const path = '**/api/v1/settings'
		await page.route(path, async (route) => {
			const answer = await route.fetch()
			const settings = await answer.json()
			Object.assign(settings.exchange_keys, { state: 'refused', reason: 'key_can_withdraw', detail: 'The key may withdraw.', can_withdraw: true, checked_at: settings.binance_secret.updated_at })
			await route.fulfill({ response: answer, json: settings })
		})
		await page.reload()
		await page.locator('[data-keys="refused"]').getByText('The key may withdraw. Make a key without that right').waitFor()
		await axe(page)
		await page.unroute(path)
		await page.reload()
		await page.locator('[data-keys="unchecked"]').waitFor()
	})
	await check('settings: a key can be replaced and removed', async () => {
		const row = page.locator('.secret', { hasText: 'CoinGecko API key' })
		await page.getByLabel('CoinGecko API key', { exact: true }).fill('first-coingecko-key-aaaa')
		await button('Store the CoinGecko API key').click()
		await row.getByText('…aaaa').waitFor()
		await button('Replace the CoinGecko API key').click()
		await page.getByLabel('New CoinGecko API key').fill('second-coingecko-key-bbbb')
		await button('Store the CoinGecko API key').click()
		await row.getByText('…bbbb').waitFor()
		await button('Remove the CoinGecko API key').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
		await row.getByText('not set').waitFor()
	})
	await check('settings: the password is asked again when the server wants it', async () => {
		const restore = await answerOnce('**/api/v1/settings', 'PATCH', 403, { code: 'reauth_required' })
		await page.getByLabel('Telegram chat id', { exact: true }).fill('-1001234567890')
		await button('Store the Telegram chat id').click()
		const dialog = page.getByRole('dialog', { name: 'Your password, once more' })
		await dialog.waitFor()
		await axe(page)
		must(await dialog.getByLabel('Password').evaluate((field) => field === document.activeElement), 'the password has not the focus')
		await page.keyboard.type(PASSWORD)
		await dialog.getByRole('button', { name: 'Continue' }).click()
		await page.locator('.secret', { hasText: 'Telegram chat id' }).getByText('…7890').waitFor()
		await restore()
	})
	await check('settings: the theme is applied and kept', async () => {
		await page.getByLabel('Theme').selectOption('dark')
		await button('Save preferences').click()
		await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' })
		await page.getByLabel('Theme').selectOption('system')
		await button('Save preferences').click()
		await page.locator('html:not([data-theme])').waitFor({ state: 'attached' })
	})
	await survey(page, 'settings')
}

async function strategy() {
	await go('#/strategies')
	await survey(page, 'strategies-empty')
	await go('#/strategies/new')
	await survey(page, 'templates')
	await check('strategies: SMA cross is created from its template', async () => {
		await button('Use this template: SMA cross').click()
		await heading('SMA cross').waitFor()
		await ready()
	})
	await heading('SMA cross').waitFor()
	const editor = page.getByLabel('Definition (JSON)')
	await check('strategies: a number of the form changes the rules', async () => {
		await page.getByLabel('fast', { exact: true }).fill('15')
		must(JSON.parse(await editor.inputValue()).params.fast.default === 15, 'the definition kept its number')
		await page.getByLabel('fast', { exact: true }).fill('10')
	})
	await check('strategies: a fault is shown at its line', async () => {
		const before = await editor.inputValue()
		await editor.fill(before.replace('"fn": "sma"', '"fn": "smaa"'))
		await button('Check').click()
		await page.locator('.faults li').first().waitFor()
		must(/\/indicators\//.test(await page.locator('.faults').innerText()), 'the fault does not say where')
		await editor.fill('{')
		must(await button('Save as a new version').isDisabled(), 'broken JSON can be saved')
		await editor.fill(before)
		await button('Check').click()
		await page.getByText(/^Valid\./).waitFor()
	})
	await survey(page, 'strategy')
	await check('strategies: every save is a version', async () => {
		await button('Save as a new version').click()
		await page.getByText(/^Version 2, saved/).waitFor()
		await ready()
		must((await page.getByRole('region', { name: 'Versions' }).locator('tbody tr').count()) === 2, 'there are not two versions')
	})
}

async function backtest() {
	await page.getByRole('link', { name: 'Backtest', exact: true }).click()
	await heading('New backtest').waitFor()
	await ready()
	await survey(page, 'backtest-form')
	await check('backtest form: costs and advanced options open, and only what is given is sent', async () => {
		await page.getByText('Costs and orders').click()
		await page.getByText('Advanced', { exact: true }).click()
		await page.getByLabel('Spread, %').fill('x')
		await button('Run the backtest').click()
		await page.getByText('Give a percentage such as 0.1.').waitFor()
		await page.getByLabel('Spread, %').fill('')
		await page.getByLabel('Maker fee, %').waitFor()
		await page.getByLabel('Margin, %').waitFor()
	})
	await survey(page, 'backtest-form-open')
	await check('backtest form: a result that is not kept shows below', async () => {
		const stats = { start: '2004-08-19T00:00:00Z', end: '2013-03-01T00:00:00Z', return_pct: 414.23, trades: 66, buy_hold_return_pct: null }
		let sent = null
		await page.route('**/api/v1/backtests', (route) => {
			sent = route.request().postDataJSON()
			const made = { id: null, strategy_id: null, symbol: 'GOOG', interval: '1d', status: 'done', progress: 100, created_at: stats.end }
			return route.fulfill({ json: { ...made, request: sent, stats, equity: [[1092873600000, 10000], [1362096000000, 51422.99]], trades: [], report: null } })
		})
		await page.getByLabel('Do not keep the result').check()
		await button('Run the backtest').click()
		await page.getByRole('region', { name: 'Result' }).locator('[data-stat=trades]').waitFor()
		must(sent.keep === false && sent.report === true, 'it was to be kept')
		await axe(page)
		await page.unroute('**/api/v1/backtests')
		await page.getByLabel('Do not keep the result').uncheck()
	})
	await check('backtest: SMA cross on GOOG, daily, 10,000 in whole units', async () => {
		await page.getByLabel('Symbol').selectOption('GOOG')
		await page.getByLabel('Interval').selectOption('1d')
		await page.getByLabel(/^Cash/).fill('10000')
		await page.getByLabel('Whole units only').check()
		const asked = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/backtests'))
		await button('Run the backtest').click()
		const body = (await asked).postDataJSON()
		must(Object.keys(body).sort().join() === 'cash,fee,interval,strategy_id,symbol,whole_units', `sent: ${Object.keys(body)}`)
		await heading('SMA cross on GOOG').waitFor()
		const figure = async (key) => Number((await page.locator(`[data-stat=${key}] dd`).innerText()).replace('−', '-').replace(/[^\d.-]/g, ''))
		const trades = await figure('trades')
		const gain = await figure('return_pct')
		must(trades === 66, `${trades} trades instead of 66`)
		must(Math.abs(gain - 414.23) < 0.01, `a return of ${gain} % instead of 414.23 %`)
	})
	await check('backtest: the equity curve is drawn and told in words', async () => {
		const picture = page.getByRole('img', { name: /^Equity from 19 Aug 2004 to 1 Mar 2013/ })
		await picture.locator('canvas').first().waitFor()
		const inked = await picture.locator('canvas').first().evaluate((canvas) => {
			const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
			return data.filter((value, index) => index % 4 === 3 && value > 0).length
		})
		must(inked > 1000, 'the canvas is empty')
		await page.getByRole('link', { name: /TradingView/ }).waitFor()
	})
	await survey(page, 'result')
	await check('backtest: the curve can be read as a table', async () => {
		await button('Show as table').click()
		must((await page.getByRole('region', { name: 'Equity over time' }).locator('tbody tr').count()) > 50, 'the table is short')
		await button('Show as table').click()
		await page.locator('.chart canvas').first().waitFor()
	})
	await check('backtest: trades can be sorted from the keyboard', async () => {
		const profits = () => page.getByRole('region', { name: 'Trades' }).locator('tbody tr td:nth-child(10)').allInnerTexts()
		must((await profits()).length === 66, 'not every trade is listed')
		await button('Profit').focus()
		await page.keyboard.press('Enter')
		await page.locator('th[aria-sort=ascending]').filter({ hasText: 'Profit' }).waitFor()
		const numbers = (await profits()).map((text) => Number(text.replace('−', '-').replaceAll(',', '')))
		must(numbers.every((value, index) => index === 0 || numbers[index - 1] <= value), 'the order is wrong')
	})
	await queued()
	await reported()
	await check('backtest: the history lists it', async () => {
		await go('#/backtests')
		must((await page.locator('tbody tr').count()) === 1, 'the history has not one line')
	})
	await survey(page, 'history')
	await go('#/strategies')
	await survey(page, 'strategies')
	await go('#/')
	await check('overview: all steps are done and gone', async () => must((await page.locator('.steps').count()) === 0, 'steps are left'))
	await survey(page, 'overview')
}

/* Changes what the server says of the backtest that is shown. */
async function retold(change) {
	const one = /\/api\/v1\/backtests\/[0-9a-z]{20,}$/
	await page.route(one, async (route) => {
		if (route.request().method() !== 'GET') return route.continue()
		const answer = await route.fetch()
		await route.fulfill({ response: answer, json: change(await answer.json()) })
	})
	return () => page.unroute(one)
}
const reopen = async () => {
	await page.reload()
	await heading('SMA cross on GOOG').waitFor()
	await ready()
}

async function queued() {
	const noResult = { stats: null, equity: null, trades: null }
	let status = 'queued'
	let looks = 0
	const restore = await retold((run) => {
		looks++
		return status === 'done' ? run : { ...run, ...noResult, status, progress: status === 'running' ? 40 : 0 }
	})
	await check('a queued backtest is followed until it is the result page', async () => {
		await reopen()
		await page.getByText('Waiting for its turn').waitFor()
		status = 'running'
		await page.getByText('40 %').waitFor()
		const bar = page.getByRole('progressbar', { name: 'Progress of the backtest' })
		must((await bar.evaluate((one) => one.value)) === 40, 'the bar stands elsewhere')
	})
	await survey(page, 'queued')
	await check('a queued backtest is not looked at while the page is hidden', async () => {
		const hide = (hidden) => page.evaluate((value) => {
			Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
			document.dispatchEvent(new Event('visibilitychange'))
		}, hidden)
		await hide(true)
		await page.waitForLoadState('networkidle')
		const before = looks
		status = 'done'
		await new Promise((done) => setTimeout(done, 1500))
		must(looks === before, `${looks - before} looks`)
		await hide(false)
		await page.locator('[data-stat=trades]').waitFor()
		must(await heading('SMA cross on GOOG').isVisible(), 'the heading is lost')
	})
	await restore()
	const failed = await retold((run) => ({ ...run, ...noResult, status: 'failed', error: 'the candles changed meanwhile' }))
	await check('a failed backtest says why', async () => {
		await reopen()
		await page.getByText('the candles changed meanwhile').waitFor()
		await axe(page)
	})
	await failed()
}

async function reported() {
	const bare = await retold(({ report: _, fingerprint: __, ...run }) => run)
	await check('a result without a report shows what there is', async () => {
		await reopen()
		await page.locator('[data-stat=trades]').waitFor()
		must((await page.getByRole('heading', { level: 2 }).allInnerTexts()).join() === 'Equity,Statistics,Trades', 'other sections')
	})
	await bare()
	await check('a report: doubts, months, drawdowns, spread, origins, luck and variants', async () => {
		await reopen()
		await page.getByText('Buying and holding would have given more.').waitFor()
		const rows = (name) => page.getByRole('region', { name }).locator('tbody tr').count()
		must((await rows('Monthly returns')) === 10, 'not ten years')
		must((await rows('Deepest drawdowns')) === 10, 'not ten drawdowns')
		must((await rows('The same by other definitions')) === 6, 'not six variants')
		for (const caption of ['Trades by return', 'Trades by time held', 'By side', 'By reason of the exit', 'By weekday of the entry', 'By hour of the entry, UTC'])
			await page.getByRole('table', { name: caption }).waitFor()
		await page.getByText(/In 1,000 reshuffles of the same trades the deepest drawdown was/).waitFor()
		must(/[0-9a-f]{64}/.test(await page.locator('.fingerprint').innerText()), 'no fingerprint')
	})
	await check('a report: the figures explain themselves', async () => {
		await button('Explain the figures').click()
		await page.getByText('The deepest fall from a peak.').waitFor()
		must((await page.getByText('Gains of days for each unit of losses of days').count()) === 1, 'no hint')
		await axe(page)
		await button('Explain the figures').click()
	})
	await check('a result can be downloaded', async () => {
		const [download] = await Promise.all([page.waitForEvent('download'), button('Download as JSON').click()])
		must(/^backtest-GOOG-.*\.json$/.test(download.suggestedFilename()), download.suggestedFilename())
		const kept = JSON.parse(readFileSync(await download.path(), 'utf8'))
		must(kept.trades.length === 66, 'the trades are not in it')
	})
	await survey(page, 'report')
}

async function sweep() {
	await go('#/backtests/sweeps')
	await survey(page, 'sweeps-empty')
	await go('#/backtests/sweeps/new')
	await check('sweep: the number of points is told before it is sent', async () => {
		await page.getByText('6 × 9 = 54 points').waitFor()
		const fast = page.getByRole('group', { name: /^fast/ })
		await fast.getByLabel('Step').fill('0')
		await fast.getByText(/a step above 0/).waitFor()
		await fast.getByLabel('Step').fill('5')
		await page.getByLabel('Points').selectOption('random')
		await page.getByLabel('How many').fill('20')
		await page.getByText('20 of 6 × 9 = 54 points').waitFor()
		await page.getByLabel('Points').selectOption('grid')
	})
	await survey(page, 'sweep-form')
	await check('sweep: it runs, and its best points are told', async () => {
		await page.getByLabel('Symbol').selectOption('GOOG')
		await page.getByLabel('Trades, at least').fill('20')
		await button('Run the sweep').click()
		await heading('Sweep of SMA cross on GOOG').waitFor()
		const best = page.getByRole('region', { name: 'Best points' })
		await best.waitFor()
		must((await best.locator('tbody tr').count()) === 10, 'not ten of the best')
		must((await page.getByRole('region', { name: 'All points' }).locator('tbody tr').count()) === 54, 'not every point')
	})
	await check('sweep: two parameters are a table with the best marked', async () => {
		const heat = page.getByRole('region', { name: 'Sharpe by fast and slow' })
		must((await heat.locator('tbody tr').count()) === 6, 'not six rows')
		must((await heat.locator('td.best').count()) === 1, 'the best is not marked')
		await page.getByLabel('Figure').selectOption('return_pct')
		await page.getByRole('region', { name: 'Return by fast and slow' }).waitFor()
	})
	await check('sweep: all points are sorted from the keyboard', async () => {
		const all = page.getByRole('region', { name: 'All points' })
		await all.getByRole('button', { name: 'fast', exact: true }).press('Enter')
		await all.locator('th[aria-sort=ascending]').filter({ hasText: 'fast' }).waitFor()
		must((await all.locator('tbody tr:first-child td:first-child').innerText()) === '5', 'another is first')
	})
	await survey(page, 'sweep')
	await check('sweep: a point becomes a backtest with the same figures', async () => {
		const line = page.getByRole('region', { name: 'Best points' }).locator('tbody tr').first()
		const gain = await line.locator('td').nth(2).innerText()
		await line.getByRole('button').click()
		await heading('SMA cross on GOOG').waitFor()
		const shown = await page.locator('[data-stat=return_pct] dd').innerText()
		must(shown.replace('+', '') === gain, `${shown} and ${gain}`)
		await button('Delete').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Delete the backtest' }).click()
		await heading('Backtests').waitFor()
	})
	const path = '**/api/v1/backtests/sweeps/*'
	await check('sweep: one that runs is followed, and can be cancelled', async () => {
		const removed = []
		await page.route(path, async (route) => {
			if (route.request().method() === 'DELETE') {
				removed.push(route.request().url())
				return route.fulfill({ status: 204 })
			}
			const answer = await route.fetch()
			const status = removed.length ? 'cancelled' : 'running'
			await route.fulfill({ response: answer, json: { ...(await answer.json()), result: null, status, progress: 37, points_done: 20 } })
		})
		await go('#/backtests/sweeps')
		await survey(page, 'sweeps')
		await page.getByRole('link', { name: 'SMA cross', exact: true }).click()
		await page.getByText('37 %: 20 of 54 points').waitFor()
		await axe(page)
		await button('Cancel the sweep').click()
		await page.getByText('The sweep was cancelled').waitFor()
		must(removed.length === 1, 'it was not cancelled once')
	})
	await page.unroute(path)
}

async function walkForward() {
	await go('#/backtests/walk-forward/new')
	await check('walk-forward: windows and points are asked for', async () => {
		await page.getByText('54 points in each window').waitFor()
		await page.getByLabel('In sample').fill('x')
		await page.getByText('Give a whole number.').waitFor()
		await page.getByLabel('In sample').fill('730')
		await page.getByLabel('Out of sample').fill('365')
		await page.getByLabel('Symbol').selectOption('GOOG')
	})
	await survey(page, 'walk-form')
	await check('walk-forward: windows, the joined curve and what the efficiency means', async () => {
		await button('Run the walk-forward test').click()
		await heading('Walk-forward test of SMA cross on GOOG').waitFor()
		const windows = page.getByRole('region', { name: 'Windows' })
		await windows.waitFor()
		must((await windows.locator('tbody tr').count()) >= 5, 'too few windows')
		await page.getByText(/% of the Sharpe ratio that they had in the windows/).waitFor()
		await page.getByRole('img', { name: /^Equity from/ }).locator('canvas').first().waitFor()
	})
	await survey(page, 'walk')
	await check('walk-forward: the list has it, and it can be asked for again', async () => {
		await button('Ask again').or(page.getByRole('link', { name: 'Ask again' })).click()
		await heading('New walk-forward test').waitFor()
		await ready()
		must((await page.getByLabel('Out of sample').inputValue()) === '365', 'another stretch')
		await go('#/backtests/walk-forward')
		must((await page.locator('tbody tr').count()) === 1, 'the list has not one line')
	})
	await survey(page, 'walks')
}

async function rules() {
	await go('#/strategies')
	await page.getByRole('link', { name: 'SMA cross', exact: true }).click()
	await heading('SMA cross').waitFor()
	await ready()
	const text = page.getByLabel('Text', { exact: true })
	const editor = page.getByLabel('Definition (JSON)')
	const before = await editor.inputValue()
	await check('rules as text: the present rule is read as text', async () => {
		await page.waitForFunction(() => document.querySelector('textarea.short').value === 'crosses_above(fast_sma, slow_sma)')
	})
	await check('rules as text: a fault is shown at its character', async () => {
		await text.fill('crosses_above(ema(close, 10), ema(close 30))')
		await button('Put in as text').click()
		await button('Go to character 41').click()
		must((await text.evaluate((area) => area.selectionStart)) === 40, 'the caret is elsewhere')
	})
	await check('rules as text: help lists every indicator', async () => {
		await page.getByText('What one may write').click()
		await page.getByLabel(/^Find among \d+ indicators/).fill('macd')
		await page.locator('.help-list').getByText('.signal').first().waitFor()
	})
	await survey(page, 'rules')
	await check('warm-up: it is measured on stored candles', async () => {
		await page.route('**/api/v1/strategies/recursive', (route) => route.fulfill({
			json: { bars: [30, 60], rows: [{ indicator: 'sma(close, 30)', value: 790.123, moved_pct: [0.5, 0] }] },
		}))
		await page.getByText('Measure it').click()
		await button('Measure the warm-up').click()
		await page.getByRole('region', { name: 'Warm-up' }).getByText('0.500 %').waitFor()
		await axe(page)
		await page.unroute('**/api/v1/strategies/recursive')
	})
	await check('rules as text: it goes into the definition, as a tree or as text', async () => {
		await text.fill('crosses_above(fast_sma,slow_sma) and rsi(14)<70')
		await button('Put in as a tree').click()
		await page.waitForFunction(() => document.querySelector('textarea.code').value.includes('"rsi"'))
		must(JSON.parse(await editor.inputValue()).entry.long.all.length === 2, 'no tree')
		await button('Put in as text').click()
		await page.waitForFunction(() => document.querySelector('textarea.code').value.includes('and rsi(14) < 70'))
		await button('Check').click()
		await page.getByText(/^Valid\./).waitFor()
		await editor.fill(before)
	})
}

async function signals() {
	await go('#/signals')
	await check('signals: nobody is at work, and the page says what to do', () => page.getByText('No strategy is at work.').waitFor())
	await survey(page, 'signals-empty')
	await go('#/strategies')
	await page.getByRole('link', { name: 'SMA cross', exact: true }).click()
	await heading('SMA cross').waitFor()
	await ready()
	await check('signals: a strategy is started from its page', async () => {
		await page.getByLabel('Run on').selectOption('GOOG')
		await button('Start version 2').click()
		await page.getByText('Version 2 runs on GOOG').waitFor()
		await button('Stop on GOOG').waitFor()
	})
	await survey(page, 'strategy-at-work')
	await check('signals: the last one is told with its conditions', async () => {
		await page.getByRole('link', { name: 'What it says' }).click()
		await heading('Signals').waitFor()
		const card = page.locator('.cards li').filter({ hasText: 'SMA cross' }).first()
		for (let tries = 0; tries < 40 && !(await card.count()); tries++) {
			await ready()
			await button('Look again').click()
			await card.waitFor({ timeout: 1000 }).catch(() => {})
		}
		await card.getByText(/conditions? holds?/).waitFor()
		must((await card.locator('.conditions li').count()) > 0, 'no condition is told')
		await card.getByText('no newer candle').waitFor()
	})
	await survey(page, 'signals')
	await check('signals: a run is stopped', async () => {
		await button('Stop SMA cross on GOOG').click()
		await page.getByText('SMA cross stopped on GOOG').waitFor()
		await ready()
		must((await page.locator('.cards').count()) === 0, 'it still speaks')
	})
}

const placing = () => desk.placing({ page, ready, seen })
const trading = () => desk.trading({ page, go, ready, seen })

async function paperRun() {
	await go('#/strategies')
	await page.getByRole('link', { name: 'SMA cross', exact: true }).click()
	await heading('SMA cross').waitFor()
	await ready()
	await check('paper: a strategy trades with play money, started from its page', async () => {
		await page.getByLabel('Run on').selectOption('GOOG')
		await page.getByLabel('What it does').selectOption('Trade on paper')
		await page.getByLabel('Cash').fill('nothing')
		await button('Start version 2').click()
		await page.locator('.fault').first().waitFor()
		await page.getByLabel('Cash').fill('2500')
		await button('Start version 2').click()
		await page.getByText('equity 2,500.00 of 2,500.00').waitFor()
	})
	await survey(page, 'strategy-on-paper')
	await check('paper: it is stopped', async () => {
		await button('Stop on GOOG').click()
		await page.getByText('SMA cross stopped on GOOG').waitFor()
	})
}

/* Live trading is off on this server; the page is told of an account there. */
async function liveRun() {
	const accounts = /\/portfolio\/accounts\?/
	const starts = '**/api/v1/strategies/*/start'
	const mode = page.getByLabel('What it does')
	const answer = () => page.getByRole('dialog').getByRole('button', { name: 'Start the LIVE strategy' }).click()
	await check('live: is not offered without an account at the exchange', async () => {
		must((await mode.locator('option').allInnerTexts()).join() === 'Signals only,Trade on paper', 'it is')
	})
	await page.route(accounts, async (route) => {
		const { 'if-none-match': _, ...headers } = route.request().headers()
		const response = await route.fetch({ headers })
		const one = await response.json()
		await route.fulfill({ response, json: { ...one, data: [...one.data, { ...one.data[0], account: 99, venue: 'binance', run_id: null }] } })
	})
	await page.reload()
	await ready()
	await check('live: real money is asked about, and nothing starts before', async () => {
		const sent = []
		const count = (one) => void (one.method() === 'POST' && sent.push(one.url()))
		page.on('request', count)
		await mode.selectOption('Trade live, real money')
		await page.getByText('Real money: what of your account at Binance it may use.').waitFor()
		await page.getByLabel('Cash').fill('250')
		must(await button('Start version 2 LIVE').evaluate((one) => one.classList.contains('live')), 'the button looks like any other')
		await button('Start version 2 LIVE').click()
		const dialog = page.getByRole('dialog')
		await dialog.getByRole('heading', { name: 'LIVE: real money' }).waitFor()
		await dialog.getByText('with 250 of your account').waitFor()
		must(await dialog.evaluate((one) => one.classList.contains('live')), 'the question looks like any other')
		await axe(page)
		await dialog.getByRole('button', { name: 'Cancel' }).click()
		page.off('request', count)
		must(sent.length === 0, 'it was started')
	})
	await survey(page, 'strategy-live')
	await check('live: what is refused is said at its field', async () => {
		await button('Start version 2 LIVE').click()
		await answer()
		await page.getByRole('alert').getByText('/definition/entry/short nothing is sold short at spot').waitFor()
		const restore = await answerOnce(starts, 'POST', 400,
			{ code: 'bad_input', errors: [{ pointer: '/cash', message: 'is more than is free in the account at binance: 10' }] })
		await button('Start version 2 LIVE').click()
		await answer()
		await page.locator('.fault').getByText('is more than is free in the account at binance: 10').waitFor()
		await restore()
	})
	await check('live: that it cannot be now is said with its reason', async () => {
		const restore = await answerOnce(starts, 'POST', 409, { code: 'conflict', detail: 'The account at binance has not been read yet: try again in a moment.' })
		await button('Start version 2 LIVE').click()
		await answer()
		await page.getByRole('alert').getByText('The account at binance has not been read yet').waitFor()
		await axe(page)
		await restore()
	})
	await page.unroute(accounts)
}

async function notifications() {
	await go('#/settings')
	await page.getByRole('link', { name: 'Notifications' }).click()
	await heading('Notifications').waitFor()
	await page.getByText('No channels.').waitFor()
	await check('notifications: a webhook\'s key is shown once, its address never again', async () => {
		await button('New channel').click()
		await page.getByLabel('Tell me by').selectOption('webhook')
		await page.getByLabel('Address').fill('http://example.org/')
		await button('Add the channel').click()
		await page.getByText('must be an address such as').waitFor()
		await page.getByLabel('Address').fill('https://hooks.example.org/token-in-the-path')
		await page.getByLabel('Orders that fill').uncheck()
		await survey(page, 'channel-new')
		await button('Add the channel').click()
		const secret = await page.locator('.secret-text').innerText()
		must(/^[\w-]{43}$/.test(secret), 'that is no key')
		await button('I have it').click()
		await page.getByRole('rowheader', { name: 'Webhook hooks.example.org' }).waitFor()
		must(!/token-in-the-path/.test(await page.content()), 'the address is shown')
	})
	await check('notifications: a test says why it fails', async () => {
		await button('New channel').click()
		await button('Add the channel').click()
		await button('Test Telegram').click()
		await page.getByText('The test failed: There is no Telegram token.').first().waitFor()
		await page.locator('td', { hasText: 'failed: There is no Telegram token.' }).waitFor()
		await survey(page, 'notifications')
	})
	await check('notifications: a channel is switched off and removed', async () => {
		await button('Switch off Telegram').click()
		await page.getByRole('rowheader', { name: 'Telegram (off)' }).waitFor()
		for (const name of ['Telegram', 'Webhook hooks.example.org']) {
			await button(`Remove ${name}`).click()
			await page.getByRole('dialog').getByRole('button', { name: 'Remove the channel' }).click()
			await page.getByRole('rowheader', { name }).waitFor({ state: 'detached' })
		}
		await page.getByText('No channels.').waitFor()
	})
}

async function account() {
	await go('#/account')
	await check('account: an API key is shown once and can be revoked', async () => {
		await button('New key').click()
		await page.getByLabel('Name of the key').fill('reports')
		await page.getByLabel('Read backtests').check()
		await button('Make the key').click()
		const secret = await page.locator('.secret-text').innerText()
		must(/^kontor_[^.]+\..{20,}$/.test(secret), 'that is no key')
		await survey(page, 'account')
		await button('I have it').click()
		must(!(await page.content()).includes(secret), 'the key is still in the page')
		await button('Revoke reports').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click()
		await page.getByText('No API keys.').waitFor()
	})
	await check('account: this device is marked', () => page.locator('tr', { hasText: 'this device' }).waitFor())
	await check('session: an access token that is refused is renewed unseen', async () => {
		const restore = await answerOnce('**/api/v1/auth/sessions', 'GET', 401, { code: 'token_invalid' })
		const renewed = page.waitForResponse('**/api/v1/auth/refresh')
		await go('#/')
		await go('#/account')
		must((await renewed).status() === 200, 'the token was not renewed')
		await page.locator('tr', { hasText: 'this device' }).waitFor()
		await restore()
	})
	await check('errors: a rate limit counts down, then one may retry', async () => {
		const limited = { code: 'rate_limited', title: 'Too many requests' }
		const restore = await answerOnce('**/api/v1/backtests?*', 'GET', 429, limited, { 'Retry-After': '2' })
		await go('#/backtests')
		await page.getByText(/You can try again in [12] s/).waitFor()
		must(await button('Try again').isDisabled(), 'one may retry too early')
		await page.locator('button:enabled', { hasText: 'Try again' }).click()
		await page.locator('tbody tr').waitFor()
		await restore()
	})
	await check('errors: what is not there says so, with its request id', async () => {
		await go('#/backtests/no-such-backtest')
		must(/\S/.test(await alertText()), 'nothing is said')
		await page.getByRole('button', { name: /Copy request id/ }).waitFor()
	})
	await survey(page, 'not-found')
}

async function administration() {
	const account = { username: 'tideman', password: 'Four-hundred-herrings-1' }
	const api = await request.newContext({ ignoreHTTPSErrors: true, baseURL: url })
	await api.post('/api/v1/auth/register', { data: account })
	const login = async () => (await api.post('/api/v1/auth/login', { data: account })).status()
	must((await login()) === 200, 'no second user')
	await page.getByRole('link', { name: 'Admin', exact: true }).click()
	await heading('Administration').waitFor()
	await ready()
	const users = page.getByRole('region', { name: 'Users' })
	await check('administration: users are listed, and one can be found', async () => {
		must((await users.locator('tbody tr').count()) === 2, 'there are not two users')
		await page.getByLabel('User name begins with').fill('tide')
		await button('Find').click()
		await page.waitForFunction(() => document.querySelectorAll('[aria-label=Users] tbody tr').length === 1)
		await users.getByText(account.username).waitFor()
	})
	await survey(page, 'administration')
	await check('administration: a user is disabled after a question, and enabled again', async () => {
		await button('Disable: tideman').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
		await users.getByText('disabled').waitFor()
		must((await login()) === 401, 'the disabled user came in')
		await button('Enable: tideman').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click()
		await button('Disable: tideman').waitFor()
		must((await login()) === 200, 'the enabled user did not come in')
	})
	await check('administration: sessions are ended', async () => {
		await page.reload()
		await ready()
		await button('End sessions: tideman').click()
		await page.getByRole('dialog').getByRole('button', { name: 'End sessions' }).click()
		await button('End sessions: tideman').waitFor({ state: 'detached' })
		must((await button('Disable: hanna').count()) === 0, 'one could disable oneself')
	})
	await check('administration: a job is paused, resumed and asked to run', async () => {
		const jobs = page.getByRole('region', { name: 'Background jobs' })
		await jobs.getByRole('button', { name: /^Pause / }).first().click()
		await jobs.getByRole('button', { name: /^Resume / }).click()
		await jobs.getByRole('button', { name: /^Resume / }).waitFor({ state: 'detached' })
		await jobs.getByRole('button', { name: /^Run now: / }).first().click()
		await page.getByText(/runs as soon as it can/).waitFor()
	})
	await check('administration: the cache is emptied, the limits are told', async () => {
		const cache = page.locator('.panel', { has: page.getByRole('heading', { name: 'Cache' }) })
		await button('Empty the cache').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Drop them' }).click()
		await page.getByText('Cache emptied').waitFor()
		await cache.getByText('Hit rate').waitFor()
		await page.getByText('Nobody is in a cool-down.').waitFor()
		await page.getByText('The rules in force').click()
		must((await page.getByRole('region', { name: 'Rules' }).locator('tbody tr').count()) > 5, 'the rules are not told')
		await axe(page)
	})
	await check('administration: the audit log has it all, and can be narrowed', async () => {
		await page.reload()
		await ready()
		const log = page.getByRole('region', { name: 'Audit log' })
		for (const event of ['auth.user.disabled', 'auth.user.enabled', 'scheduler.pause']) await log.getByText(event).first().waitFor()
		await page.getByLabel('What').selectOption('auth.user.')
		await page.waitForFunction(() => {
			const rows = [...document.querySelectorAll('[aria-label="Audit log"] tbody tr td:nth-child(3)')]
			return rows.length > 0 && rows.every((cell) => cell.textContent.startsWith('auth.user.'))
		})
	})
	await api.dispose()
}

/* Access tokens end after half an hour; their cookie with them. */
const expire = () => context.clearCookies({ name: '__Host-kontor' })
const cookieNames = async () => (await context.cookies()).map(({ name }) => name).sort().join(' ')
const ALL = '__Host-kontor __Host-kontor-csrf __Host-kontor-refresh'

async function session() {
	await check('the browser keeps three cookies and nothing else, and scripts see one of them', async () => {
		const kept = await page.evaluate(async () => [
			localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length])
		must(kept.every((length) => length === 0), `storage: ${kept}`)
		const seen = await page.evaluate(() => document.cookie)
		must(/^__Host-kontor-csrf=[^;]+$/.test(seen), `scripts see ${seen.replace(/=[^;]*/g, '')}`)
		const cookies = await context.cookies()
		must((await cookieNames()) === ALL, await cookieNames())
		for (const { name, secure, sameSite, path, httpOnly, domain } of cookies)
			must(secure && sameSite === 'Strict' && path === '/' && domain === 'localhost' && httpOnly !== name.endsWith('csrf'), name)
	})
	await check('a reload keeps the session', async () => {
		await go('#/settings')
		await page.reload()
		await heading('Settings').waitFor()
		await page.locator('.who', { hasText: USERNAME }).waitFor()
	})
	await check('a reload after the access token ended renews it unseen', async () => {
		await expire()
		const renewed = page.waitForResponse('**/api/v1/auth/refresh')
		await page.reload()
		must((await renewed).status() === 200, 'the session was not renewed')
		await heading('Settings').waitFor()
		must((await cookieNames()) === ALL, await cookieNames())
	})
	const second = await context.newPage()
	await second.goto(`${url}/#/strategies`)
	await second.getByRole('heading', { level: 1, name: 'Strategies' }).waitFor()
	await check('two tabs whose access token has ended both go on, with one renewal', async () => {
		await go('#/')
		await second.waitForFunction(() => !document.querySelector('.loading'))
		const renewals = []
		const count = (response) => void (response.url().endsWith('/auth/refresh') && renewals.push(response.status()))
		context.on('response', count)
		await expire()
		await Promise.all([[page, 'Backtests'], [second, 'Account']].map(async ([tab, title]) => {
			await tab.evaluate((to) => (location.hash = `#/${to.toLowerCase()}`), title)
			await tab.getByRole('heading', { level: 1, name: title }).waitFor()
			await tab.waitForFunction(() => !document.querySelector('.loading'))
			must((await tab.locator('.problem').count()) === 0, `${title}: ${await tab.locator('main').innerText()}`)
		}))
		context.off('response', count)
		must(renewals.join() === '200', `renewals: ${renewals}`)
	})
	await check('signing out in one tab signs out the other, and takes the cookies', async () => {
		await second.getByRole('button', { name: 'Sign out', exact: true }).click()
		for (const tab of [second, page]) {
			await tab.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
			await tab.getByText('You are signed out.').waitFor()
		}
		must((await context.cookies()).length === 0, await cookieNames())
	})
	await check('signing in in one tab signs in the other', async () => {
		await page.getByLabel('User name').fill(USERNAME)
		await page.getByLabel('Password').fill(PASSWORD)
		await button('Sign in').click()
		await heading('Backtests').waitFor()
		await second.getByRole('heading', { level: 1, name: 'Account' }).waitFor()
	})
	await second.close()
	await check('a page of one user never writes for another', otherUser)
}

/* Somebody else's session comes into the cookies, and this page hears nothing
   of it: what a frozen tab meets. */
async function otherUser() {
	await go('#/settings')
	const account = { username: 'gerlach', password: 'Nine-cogs-sailed-to-Bergen' }
	const api = await request.newContext({ ignoreHTTPSErrors: true, baseURL: url, extraHTTPHeaders: { Origin: new URL(url).origin } })
	await api.post('/api/v1/auth/register', { data: account })
	must((await api.post('/api/v1/auth/login', { data: { ...account, cookie: true } })).ok(), 'no second user')
	await context.addCookies((await api.storageState()).cookies)
	await page.getByLabel('Theme').selectOption('dark')
	await button('Save preferences').click()
	await page.locator('.who', { hasText: account.username }).waitFor()
	await ready()
	must((await page.getByRole('link', { name: 'Admin', exact: true }).count()) === 0, 'a user is shown the administration')
	const theirs = await (await api.get('/api/v1/settings')).json()
	must(theirs.theme !== 'dark', 'the other user’s settings were changed')
	await api.dispose()
	await go('#/account')
	await button('Sign out').click()
	await heading('Sign in').waitFor()
	await page.reload()
	await heading('Sign in').waitFor()
}

async function leaveAndReturn() {
	await survey(page, 'signin')
	await check('sign-in: a wrong password is refused aloud', async () => {
		await page.getByLabel('User name').fill(USERNAME)
		await page.getByLabel('Password').fill('Not-the-right-one-1')
		await button('Sign in').click()
		must(/\S/.test(await alertText()), 'nothing is said')
	})
	await check('sign-in works with the keyboard alone', async () => {
		await page.goto(`${url}/#/`)
		await page.reload()
		await page.locator('body').press('Tab')
		const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.name)
		must(/Skip/.test(await focused()), 'the first stop is no skip link')
		await page.keyboard.press('Tab')
		must((await focused()) === 'username', 'the second stop is not the user name')
		await page.keyboard.type(USERNAME)
		await page.keyboard.press('Tab')
		await page.keyboard.type(PASSWORD)
		await page.keyboard.press('Tab')
		await page.keyboard.press('Space')
		await heading('Overview').waitFor()
		await ready()
	})
	await check('the list of devices shows this one', async () => {
		await go('#/account')
		await page.locator('tr', { hasText: 'this device' }).waitFor()
	})
	await check('the skip link leads to the content', async () => {
		await page.locator('.skip').focus()
		await page.keyboard.press('Enter')
		must((await page.evaluate(() => document.activeElement.id)) === 'main', 'the focus is elsewhere')
		must(!page.url().endsWith('#main'), 'the route was lost')
	})
	await check('a backtest is deleted after a question', async () => {
		await go('#/backtests')
		await page.getByRole('button', { name: /^Delete the run/ }).click()
		await page.getByRole('dialog').waitFor()
		await page.keyboard.press('Escape')
		must((await page.locator('tbody tr').count()) === 1, 'Escape deleted it')
		await page.getByRole('button', { name: /^Delete the run/ }).click()
		await page.getByRole('dialog').getByRole('button', { name: 'Delete the backtest' }).click()
		await page.getByText('Nothing has been run yet.').waitFor()
	})
	await survey(page, 'history-empty')
	await check('signing out ends it', async () => {
		await go('#/account')
		await button('Sign out').click()
		await heading('Sign in').waitFor()
		await page.getByText('You are signed out.').waitFor()
	})
	await check('an ended session leads to the sign-in page and says so', async () => {
		await page.getByLabel('User name').fill(USERNAME)
		await page.getByLabel('Password').fill(PASSWORD)
		await button('Sign in').click()
		await heading('Account').waitFor()
		const restore = [
			await answerOnce('**/api/v1/strategies?*', 'GET', 401, { code: 'token_revoked' }),
			await answerOnce('**/api/v1/auth/refresh', 'POST', 401, { code: 'token_revoked' }),
		]
		await page.evaluate(() => (location.hash = '#/strategies'))
		await page.getByText('Your session has ended. Please sign in again.').waitFor()
		for (const undo of restore) await undo()
	})
	await go('#/register')
	await survey(page, 'register')
}

/* Called as an alert calls, without the browser's cookies. */
async function alerts() {
	const outside = await request.newContext({ ignoreHTTPSErrors: true })
	await hooks(page, go, async (to, body) => (await outside.post(to, { data: body })).status())
	await outside.dispose()
}

async function apiPages() {
	await docs(page, url)
}

/* Each part needs the one before: what throws outside a check ends the walk. */
for (const part of [setUp, keys, notifications, alerts, placing, strategy, backtest, sweep, walkForward, rules, signals, account, administration, trading, paperRun, liveRun, session, leaveAndReturn, apiPages]) {
	let broken = null
	await part().catch((error) => (broken = error))
	if (!broken) continue
	await check(`${part.name} goes to its end`, () => { throw broken })
	break
}
await check('no breach of the Content-Security-Policy', () => must(seen.csp.length === 0, seen.csp.join('\n')))
await check('no errors on the console', () => must(seen.console.length === 0, seen.console.join('\n')))
await check('no request to another host', () => must(seen.foreign.length === 0, seen.foreign.join('\n')))
await close()
process.exit(summary() ? 0 : 1)
