/* Hooks by hand: made, shown once, called from outside, paused, deleted. */
import { check, must, survey } from './harness.mjs'

/* call(url, body) answers the status, as an alert of somebody else's. */
export async function hooks(page, go, call) {
	const button = (name) => page.getByRole('button', { name, exact: true })
	const row = (name) => page.locator('tr', { has: page.getByRole('rowheader', { name }) })
	let url
	await go('#/strategies')
	await page.getByRole('link', { name: 'Hooks' }).click()
	await page.getByText('No hooks.').waitFor()
	await check('hooks: a fault stands at its field', async () => {
		await button('New hook').click()
		await page.getByLabel('Name of the hook').fill('Breakout')
		await page.getByLabel('Symbols', { exact: true }).fill('goog nope')
		await page.getByLabel('It may').selectOption('buy')
		await button('Make the hook').click()
		await page.locator('.field', { hasText: 'Symbols' }).getByText('there is no such symbol: NOPE').waitFor()
	})
	await survey(page, 'hook-new')
	await check('hooks: the address is shown once, with a message for TradingView', async () => {
		await page.getByLabel('Symbols', { exact: true }).fill('goog')
		await button('Make the hook').click()
		url = await page.locator('.secret-text').innerText()
		must(/\/api\/v1\/hooks\/[0-9a-z]{26}\.[\w-]{43}$/.test(url), url)
		must((await page.locator('.message').first().innerText()).includes('{{strategy.order.action}}'), 'there is no message')
		must((await page.locator('.secret-text').count()) === 1, 'a key that nothing is signed with is shown')
	})
	await survey(page, 'hook-once')
	await check('hooks: nor is it anywhere afterwards', async () => {
		await button('I have it').click()
		await row('Breakout').getByText('buys GOOG; 20 orders an hour').waitFor()
		must(!(await page.content()).includes(url.slice(-20)), 'the address is still in the page')
		await row('Breakout').getByText(`…${url.slice(-4)}`).waitFor()
	})
	await check('hooks: its calls say what came of them', async () => {
		must((await call(url, { action: 'sell', quantity: '1' })) === 403, 'it sells')
		must((await call(url, { action: 'close' })) === 200, 'it does not close')
		await button('Calls: Breakout').click()
		await page.getByText('refused: the hook may not take this side').waitFor()
		await page.getByText('there was nothing to close').waitFor()
	})
	await survey(page, 'hooks')
	await check('hooks: a paused one takes no call, and a new address ends the old', async () => {
		await button('Pause: Breakout').click()
		await page.getByRole('rowheader', { name: 'Breakout (paused)' }).waitFor()
		must((await call(url, { action: 'close' })) === 404, 'it is called while it is paused')
		await button('Resume: Breakout').click()
		await button('Pause: Breakout').waitFor()
		await button('New address: Breakout').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Make a new address' }).click()
		const next = await page.locator('.secret-text').innerText()
		must(next !== url && (await call(url, { action: 'close' })) === 404, 'the old address lives')
		must((await call(next, { action: 'close' })) === 200, 'the new one does not')
		await button('I have it').click()
	})
	await check('hooks: one is deleted after a question', async () => {
		await button('Delete: Breakout').click()
		await page.getByRole('dialog').getByRole('button', { name: 'Delete the hook' }).click()
		await page.getByText('No hooks.').waitFor()
	})
}
