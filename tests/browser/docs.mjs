/* The pages about the API as a person reads them, signed in or not. */
import { check, must, survey } from './harness.mjs'

export async function docs(page, url) {
	const shown = () => page.locator('details.call:visible').count()
	await page.goto(`${url}/api/docs`)
	await check('docs: a word finds the calls that have it, and all come back without', async () => {
		const all = await shown()
		await page.getByRole('searchbox', { name: 'Find calls and data' }).fill('risk halt post')
		await page.getByRole('status').getByText(/^\d+ of \d+ found$/).waitFor()
		must((await shown()) < 10, `${await shown()} calls have these words`)
		must(await page.locator('#post_risk_halt').isVisible(), 'the call is not found')
		must(!(await page.locator('#group-auth').isVisible()), 'a group without a call is shown')
		await page.getByRole('searchbox').fill('')
		must((await shown()) === all && all > 100, `${await shown()} of ${all}`)
	})
	await check('docs: a link to data opens it', async () => {
		await page.locator('#post_orders summary').click()
		await page.locator('#post_orders').getByRole('link', { name: 'order_new' }).click()
		await page.locator('#data-order_new[open]').getByText('time_in_force').waitFor()
	})
	await survey(page, 'docs')
	await check('docs: a problem leads to its page, and back', async () => {
		await page.locator('#post_orders').getByRole('link', { name: 'rate_limited' }).click()
		await page.getByRole('heading', { level: 1, name: 'Too many requests' }).waitFor()
		must(page.url().endsWith('/api/docs/problems/rate_limited'), page.url())
	})
	await survey(page, 'docs-problem')
	await page.getByRole('link', { name: 'All problems' }).click()
	await page.getByRole('heading', { level: 1, name: 'The API' }).waitFor()
}
