/*
 * The desk as a person uses it: orders placed, denied, changed, cancelled,
 * filled and sent twice; positions closed and protected; limits; halt; what is
 * shown when nothing answers. The walk that calls it is signed in.
 */
import { readFileSync } from 'node:fs'
import { axe, check, must, survey } from './harness.mjs'
import { bring, bringAfter } from './market.mjs'

let placed = 0
const LOST = /net::ERR_CONNECTION_RESET$/

function names(page) {
	const button = (name) => page.getByRole('button', { name, exact: true })
	const dialog = () => page.getByRole('dialog')
	const bar = page.getByRole('region', { name: 'Account at work' })
	const open = page.getByRole('region', { name: 'Open orders' })
	const history = page.getByRole('region', { name: 'Order history' })
	const positions = page.getByRole('region', { name: 'Positions' })
	const orders = '**/api/v1/orders'
	const choose = (name) => page.locator('.switch label', { hasText: name }).click()
	/* As it ought to be when a new order is begun. */
	async function ticket({ side = 'Buy', type = 'market', ...texts }) {
		await page.getByLabel('Symbol', { exact: true }).selectOption('DESK')
		await choose(side)
		await page.getByLabel('Type').selectOption(type)
		for (const [name, text] of Object.entries(texts)) await page.locator(`.ticket [name=${name}]`).fill(text)
	}
	const submit = () => page.locator('.ticket button[type=submit]').click()
	const figure = async (name) => Number((await page.locator(`[data-stat=${name}] dd`).innerText()).replace('−', '-').replace(/[^\d.-]/g, ''))
	return { button, dialog, bar, open, history, positions, orders, choose, ticket, submit, figure }
}

/* Early in the walk: candles come by the minute, and what rests waits for one. */
export async function placing({ page, ready, seen }) {
	const { button, dialog, bar, open, history, positions, orders, ticket, submit } = names(page)

	await check('desk: before the first order', async () => {
		bring(100)
		await page.getByRole('link', { name: 'Trading', exact: true }).click()
		await page.getByRole('heading', { level: 1, name: 'Trading' }).waitFor()
		await ready()
		await page.getByText('No order is open.').waitFor()
		await page.getByText('Nothing is held.').waitFor()
		await page.getByText('No order was given yet.').waitFor()
	})
	await check('desk: paper is said in words, and nothing offers real money', async () => {
		await bar.getByText('PAPER', { exact: true }).waitFor()
		await bar.getByText('Play money. Nothing here reaches an exchange.').waitFor()
		must((await page.getByText(/\bLIVE\b/).count()) === 0, 'LIVE stands on the page')
	})
	await check('desk: each type shows its own fields', async () => {
		const fields = { market: '', limit: 'price', stop: 'stop_price', stop_limit: 'stop_price,price', take_profit: 'stop_price,price', trailing_stop: 'trail' }
		for (const [type, names] of Object.entries(fields)) {
			await page.getByLabel('Type').selectOption(type)
			const shown = await page.locator('.ticket [name=price], .ticket [name=stop_price], .ticket [name=trail]').evaluateAll((all) => all.map((one) => one.name).join())
			must(shown === names, `${type}: ${shown}`)
			must((await page.getByLabel('Post only').count()) === (type === 'limit' ? 1 : 0), `${type}: post only`)
		}
	})
	await check('desk: what is typed is judged at once, and its cost told', async () => {
		await ticket({ type: 'limit', quantity: '-1', price: '99.123' })
		await page.getByText('Give an amount above 0, such as 1.5.').waitFor()
		await page.getByText('At most 2 digits behind the point.').waitFor()
		await page.locator('.ticket [name=quantity]').fill('10')
		await page.locator('.ticket [name=price]').fill('90')
		await page.getByText('About 900.00, without fees; 9,100.00 of 10,000.00 would be left.').waitFor()
		await page.locator('.ticket [name=price]').fill('101')
		await page.getByText('the order fills at once').waitFor()
		await axe(page)
	})
	await check('desk: an order rests, is changed and cancelled', async () => {
		await ticket({ type: 'limit', quantity: '10', price: '90' })
		await submit()
		await page.getByText('Open: Buy 10 DESK. Limit, limit 90.').waitFor()
		await open.getByText('Limit, limit 90').waitFor()
		await button('Change: Buy 10 DESK').click()
		await dialog().getByLabel('Quantity').fill('1000000')
		await dialog().getByRole('button', { name: 'Change the order' }).click()
		await dialog().getByText('The order is worth more than one order may be.').waitFor()
		await axe(page)
		await dialog().getByLabel('Quantity').fill('5')
		await dialog().getByLabel('Limit price').fill('91.5')
		await dialog().getByRole('button', { name: 'Change the order' }).click()
		await open.getByText('Limit, limit 91.5').waitFor()
		await button('Cancel: Buy 5 DESK').click()
		await page.getByText('No order is open.').waitFor()
		await history.getByText('cancelled').waitFor()
	})
	await check('desk: a fault of the server stands at its field', async () => {
		const fault = { errors: [{ pointer: '/quantity', message: 'must be a multiple of 0.5' }], code: 'bad_input' }
		await page.route(orders, (route) => route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Bad input', status: 400, ...fault }) }))
		await ticket({ quantity: '1.3' })
		await submit()
		await page.locator('.field', { hasText: 'Quantity' }).getByText('must be a multiple of 0.5').waitFor()
		await page.unroute(orders)
	})
	await check('desk: a denied order says why and what to do', async () => {
		await ticket({ side: 'Sell', quantity: '1' })
		await submit()
		const said = page.getByRole('alert').filter({ hasText: 'Denied: Sell 1 DESK.' })
		await said.getByText('short positions are not allowed').waitFor()
		await said.getByText('allow short positions on the risk page').waitFor()
		await history.getByText('denied').waitFor()
	})
	await check('desk: two clicks are one order', async () => {
		bring(100)
		let sent = 0
		await page.route(orders, async (route) => {
			if (route.request().method() === 'POST') sent++
			await route.continue()
		})
		await ticket({ quantity: '10' })
		await page.locator('.ticket button[type=submit]').evaluate((one) => { one.click(); one.click() })
		await page.getByText(/^Filled: Buy 10 DESK at 100\.\d+, fees/).waitFor()
		must(sent === 1, `${sent} requests`)
		await positions.getByText('long 10', { exact: true }).waitFor()
		await page.unroute(orders)
	})
	await check('desk: a lost answer is said, and sending again is the same order', async () => {
		const keys = []
		seen.expected = LOST
		await page.route(orders, async (route) => {
			if (route.request().method() !== 'POST') return route.continue()
			keys.push(route.request().headers()['idempotency-key'])
			await route.fetch()
			if (keys.length === 1) return route.abort('connectionreset')
			await route.continue()
		})
		await ticket({ quantity: '7' })
		await submit()
		await page.getByText('it is not known whether the order was placed').waitFor()
		await axe(page)
		await button('Send again').click()
		await page.getByText(/^Filled: Buy 7 DESK/).waitFor()
		await page.unroute(orders)
		seen.expected = null
		must(keys[0] && keys[0] === keys[1], 'another key')
		await button('Look again').click()
		await positions.getByText('long 17', { exact: true }).waitFor()
		must((await history.getByText('Buy 7 DESK').count()) === 1, 'it stands there twice')
	})
	await check('desk: an entry with its stop and target, from the keyboard alone', async () => {
		bring(100)
		await ticket({ quantity: '' })
		await page.locator('.ticket [name=quantity]').focus()
		await page.keyboard.type('3')
		const labelled = () => page.evaluate(() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent)
		const until = async (name) => {
			for (let tries = 0; tries < 12 && !(await labelled()).includes(name); tries++) await page.keyboard.press('Tab')
			must((await labelled()).includes(name), `${name} is not reached`)
		}
		await until('With stop and target')
		await page.keyboard.press('Space')
		await until('Stop at')
		await page.keyboard.type('101')
		await page.getByText('It must lie below the last price, 100.').waitFor()
		for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace')
		await page.keyboard.type('95')
		await until('Target at')
		await page.keyboard.type('120')
		await page.keyboard.press('Enter')
		await page.getByText('Open: Sell 3 DESK. Limit, limit 120, reduce only, one of a pair.').waitFor()
		await open.getByText('Stop, trigger 95, reduce only, one of a pair').waitFor()
		await open.getByText('Limit, limit 120, reduce only, one of a pair').waitFor()
	})
	placed = Date.now()
	await survey(page, 'trading')
}

export async function trading({ page, go, ready, seen }) {
	const { button, dialog, bar, open, history, positions, choose, ticket, submit, figure } = names(page)

	await go('#/trading')
	await check('desk: a candle fills the target, and its stop is cancelled', async () => {
		await bringAfter(placed, 121)
		await page.waitForFunction(() => {
			const rows = document.querySelectorAll('[aria-label="Open orders"] tbody tr').length
			if (rows) [...document.querySelectorAll('button')].find((one) => one.textContent === 'Look again').click()
			return rows === 0
		}, null, { polling: 1000, timeout: 40_000 })
		await history.locator('tr', { hasText: 'Stop, trigger 95' }).getByText('The other order of its pair was filled.').waitFor()
		await history.locator('tr', { hasText: 'limit 120' }).getByText('filled').waitFor()
		await positions.getByText('long 17', { exact: true }).waitFor()
	})
	await check('desk: the log of an order tells each step', async () => {
		await history.locator('tr', { hasText: 'limit 120' }).getByRole('button').click()
		const steps = dialog().getByRole('region', { name: 'Steps' })
		await steps.getByText('filled', { exact: true }).waitFor()
		must((await steps.locator('tbody tr').count()) === 3, 'not three steps')
		must((await dialog().getByRole('region', { name: 'Fills' }).locator('tbody tr').count()) === 1, 'not one fill')
		await axe(page)
		await page.keyboard.press('Escape')
		await dialog().waitFor({ state: 'detached' })
	})
	await check('desk: trades are listed and downloaded as CSV', async () => {
		await choose('Trades')
		await page.getByRole('region', { name: 'Trades' }).locator('tbody tr').nth(3).waitFor()
		const [download] = await Promise.all([page.waitForEvent('download'), button('Download trades as CSV').click()])
		const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n')
		must(lines.length === 5 && lines[0].startsWith('id,order_id'), lines.join(' | '))
		await axe(page)
		await choose('Orders')
	})
	await check('desk: a position is protected', async () => {
		await button('Protect DESK').click()
		await dialog().getByLabel('Stop at').fill('110')
		await dialog().getByLabel('Target at').fill('150')
		await axe(page)
		await dialog().getByRole('button', { name: 'Place stop and target' }).click()
		await dialog().getByText('Open: Sell 17 DESK. Limit, limit 150, reduce only, one of a pair.').waitFor()
		await page.keyboard.press('Escape')
		/* the list is asked for again behind the dialog */
		await open.locator('tbody tr').nth(1).waitFor()
		must((await open.locator('tbody tr').count()) === 2, 'not two orders')
	})
	await check('desk: all open orders are cancelled after a question', async () => {
		await button('Cancel all').click()
		await dialog().getByRole('button', { name: 'Cancel all' }).click()
		await page.getByText('2 orders cancelled').waitFor()
		await page.getByText('No order is open.').waitFor()
	})
	await go('#/portfolio')
	await check('portfolio: figures add up, and the curve is told in words', async () => {
		const [cash, exposure, equity] = [await figure('cash'), await figure('exposure'), await figure('equity')]
		must(Math.abs(cash + exposure - equity) < 0.02, `${cash} + ${exposure} is not ${equity}`)
		must((await figure('unrealised')) > 300, 'nothing was gained')
		await page.getByRole('img', { name: /^Equity from/ }).locator('canvas').first().waitFor()
	})
	await check('portfolio: all accounts come to a total in the user’s currency', async () => {
		const total = page.locator('[data-total="paper"]')
		await total.getByText('paper, USD').waitFor()
		const equity = Number((await total.locator('td').first().innerText()).replaceAll(',', ''))
		must(Math.abs(equity - (await figure('equity'))) < 0.02, `${equity} is not ${await figure('equity')}`)
	})
	await survey(page, 'portfolio')
	await check('portfolio: a position is closed after a question', async () => {
		bring(121)
		await button('Close DESK').click()
		await page.keyboard.press('Escape')
		must((await positions.locator('tbody tr').count()) === 1, 'Escape closed it')
		await button('Close DESK').click()
		await dialog().getByRole('button', { name: 'Close the position' }).click()
		await page.getByText(/^Filled: Sell 17 DESK at 120\.\d+/).waitFor()
		await page.getByText('Nothing is held.').waitFor()
		must((await figure('cash')) === (await figure('equity')), 'cash is not all of it')
	})
	await check('portfolio: the paper account begins anew after a question', async () => {
		await button('Begin the paper account anew').click()
		await dialog().getByLabel('Money to begin with').fill('0')
		await dialog().getByText('Give an amount above 0').waitFor()
		await axe(page)
		await dialog().getByLabel('Money to begin with').fill('5000')
		await dialog().getByRole('button', { name: 'Begin anew' }).click()
		await page.getByText('Number 2', { exact: true }).waitFor()
		must((await figure('equity')) === 5000, 'not 5000')
	})
	await check('portfolio: the account before can be looked at, and nothing done in it', async () => {
		await page.getByLabel('Account', { exact: true }).selectOption({ label: await page.locator('option', { hasText: 'number 1, closed' }).innerText() })
		await page.getByText('Closed: nothing is traded in it any more.').waitFor()
		must((await figure('equity')) > 10_000, 'another account')
		must((await button('Begin the paper account anew').count()) === 0, 'it can be begun anew')
		await page.getByLabel('Account', { exact: true }).selectOption({ index: 0 })
		await page.getByText('Number 2', { exact: true }).waitFor()
	})
	await go('#/risk')
	await check('risk: limits are changed, and a fault stands at its field', async () => {
		await page.getByLabel('One order', { exact: true }).fill('400')
		await page.getByLabel('Open orders', { exact: true }).fill('100000')
		await button('Save the limits').click()
		await page.locator('.field', { hasText: 'Open orders' }).locator('.fault').waitFor()
		await page.getByLabel('Open orders', { exact: true }).fill('5')
		await page.getByLabel('Drawdown, %').fill('20')
		await button('Save the limits').click()
		await page.getByText('Limits saved').waitFor()
		await page.getByRole('region', { name: 'Limits' }).locator('tr', { hasText: 'One order' }).getByText('400.00').waitFor()
	})
	await survey(page, 'risk')
	await check('risk: it only reduces, then it is active again, and the limits stay', async () => {
		await button('Set to reducing').click()
		await bar.getByText('Reducing').waitFor()
		await button('Set to active').click()
		await bar.getByText('Active').waitFor()
		await page.getByRole('region', { name: 'Limits' }).locator('tr', { hasText: 'One order' }).getByText('400.00').waitFor()
	})
	await go('#/trading')
	await check('halt: by keyboard, while nothing else answers', async () => {
		await ticket({ type: 'limit', quantity: '1', price: '90' })
		await submit()
		await open.getByText('Buy 1 DESK').waitFor()
		seen.expected = LOST
		await page.route('**/api/v1/**', (route) => (route.request().method() === 'GET' ? route.abort('connectionreset') : route.continue()))
		await button('Look again').click()
		await bar.getByText('What is shown is older').waitFor()
		must(await open.getByText('Buy 1 DESK').isVisible(), 'what was known is gone')
		await button('HALT').press('Enter')
		await dialog().getByText('Every order that may open or grow a position is cancelled').waitFor()
		await axe(page)
		await page.keyboard.press('Tab')
		await page.keyboard.press('Enter')
		await bar.getByText('Halted').waitFor()
		await page.unroute('**/api/v1/**')
		await button('Look again').click()
		await bar.getByText('What is shown is older').waitFor({ state: 'detached' })
		seen.expected = null
	})
	await check('halt: nothing is open, and an order is denied', async () => {
		await button('Look again').click()
		await page.getByText('No order is open.').waitFor()
		await ticket({ quantity: '1' })
		await submit()
		await page.getByRole('alert').getByText('Your trading is halted.').waitFor()
		await axe(page)
	})
	await check('halt: resumed after a question', async () => {
		await button('Resume').click()
		await dialog().getByRole('button', { name: 'Resume' }).click()
		await bar.getByText('Active').waitFor()
		await button('HALT').waitFor()
	})
	await check('desk: how old it is is said, and a hidden page does not ask', async () => {
		const hide = (hidden) => page.evaluate((value) => {
			Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
			document.dispatchEvent(new Event('visibilitychange'))
		}, hidden)
		let asked = []
		const count = (one) => void asked.push(one)
		await page.waitForLoadState('networkidle')
		await hide(true)
		page.on('request', count)
		await page.evaluate(() => {
			const real = Date.now
			Date.now = () => real() + 60_000
		})
		await bar.getByText(/stale: \d+ s old/).waitFor()
		must(asked.length === 0, `${asked.length} requests`)
		const answer = page.waitForResponse('**/api/v1/risk')
		await hide(false)
		must((await answer).status() === 304, 'what had not changed was sent again')
		await bar.getByText(/stale/).waitFor({ state: 'detached' })
		page.off('request', count)
	})
	await live({ page, ready })
}

/* No venue but paper is there yet: what the page does once there is one. */
async function live({ page, ready }) {
	const { dialog, bar, ticket } = names(page)
	const [portfolio, accounts] = [/\/portfolio\?account=99$/, /\/portfolio\/accounts\?/]
	const told = (change) => async (route) => {
		const { 'if-none-match': _, ...headers } = route.request().headers()
		const answer = await route.fetch({ url: route.request().url().replace('account=99', 'account=2'), headers })
		await route.fulfill({ response: answer, json: change(await answer.json()) })
	}
	await page.route(portfolio, told((one) => ({ ...one, account: 99, venue: 'binance' })))
	await page.route(accounts, told((one) => ({ ...one, data: [...one.data, { ...one.data[0], account: 99, venue: 'binance' }] })))
	await page.reload()
	await ready()
	await check('desk: LIVE is another colour and other words, and is asked about', async () => {
		const sent = []
		const count = (one) => void (one.method() === 'POST' && sent.push(one.url()))
		await bar.getByText('PAPER', { exact: true }).waitFor()
		await page.getByLabel('Account', { exact: true }).selectOption({ label: 'By hand, LIVE, Binance (number 99)' })
		await bar.getByText('Real money. Orders go to Binance.').waitFor()
		must((await page.getByText('PAPER', { exact: true }).count()) === 0, 'it is called paper too')
		page.on('request', count)
		await ticket({ quantity: '1' })
		await page.getByRole('button', { name: 'Buy 1 DESK LIVE' }).click()
		await dialog().getByRole('heading', { name: 'LIVE: real money' }).waitFor()
		await axe(page)
		await dialog().getByRole('button', { name: 'Cancel' }).click()
		page.off('request', count)
		must(sent.length === 0, 'an order went out')
	})
	await survey(page, 'live')
	await page.unroute(portfolio)
	await page.unroute(accounts)
	await page.reload()
	await ready()
}
