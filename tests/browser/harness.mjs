/*
 * What the browser tests stand on: one Chromium with a fresh profile, a
 * watch over everything a page must not do, axe, and "ok"/"not ok" lines.
 * Speaks to KONTOR_URL only.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const shots = process.env.KONTOR_SCREENSHOTS
export const modes = ['light', 'dark'].flatMap((scheme) => [390, 1280].map((width) => ({ scheme, width })))

let passed = 0
let failed = 0

export async function check(name, act) {
	try {
		await act()
		passed++
		console.log(`ok ${name}`)
	} catch (error) {
		failed++
		console.log(`not ok ${name}\n  ${String(error?.stack ?? error).split('\n').slice(0, 20).join('\n  ')}`)
	}
}

export function summary() {
	console.log(`${passed} passed, ${failed} failed`)
	return failed === 0 && passed > 0
}

export function must(value, message) {
	if (!value) throw new Error(message)
}

/* Everything that happened and must not have. */
function watch(context, page, origin) {
	/* expected: a fault that the test itself makes just now, as the browser tells it */
	const seen = { csp: [], console: [], foreign: [], expected: null }
	const listen = (tab) => {
		tab.on('console', (message) => {
			const text = message.text()
			/* A refused request is the server's word, not a fault of the page. */
			const refused = /^Failed to load resource: the server responded with a status of 4\d\d/.test(text)
			if (['error', 'warning'].includes(message.type()) && !refused && !seen.expected?.test(text)) seen.console.push(text)
		})
		tab.on('pageerror', (error) => seen.console.push(String(error)))
	}
	listen(page)
	context.on('page', listen)
	context.on('request', (request) => {
		if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) seen.foreign.push(request.url())
	})
	return seen
}

export async function open(url) {
	const profile = mkdtempSync(join(tmpdir(), 'kontor-browser-'))
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		headless: true,
		ignoreHTTPSErrors: true,
		viewport: { width: 1280, height: 900 },
		colorScheme: 'light',
		reducedMotion: 'reduce',
		locale: 'en-GB',
		timezoneId: 'UTC',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'],
	})
	context.setDefaultTimeout(15_000)
	const page = context.pages()[0] ?? (await context.newPage())
	const seen = watch(context, page, new URL(url).origin)
	await context.exposeBinding('kontorViolation', (_, text) => seen.csp.push(text))
	await context.addInitScript(() => {
		addEventListener('securitypolicyviolation', (event) =>
			window.kontorViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))
	})
	process.on('exit', () => rmSync(profile, { recursive: true, force: true }))
	return { context, page, seen, close: () => context.close() }
}

export async function setMode(page, { scheme, width }) {
	await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
	await page.setViewportSize({ width, height: width < 600 ? 844 : 900 })
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

export async function axe(page) {
	await page.evaluate(axeSource)
	const faults = await page.evaluate(async (rules) => {
		const result = await window.axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
		return result.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`)
	}, RULES)
	must(faults.length === 0, faults.join('\n'))
}

/* One page in light and dark, narrow and wide: axe, nothing cut off. */
export async function survey(page, name) {
	for (const mode of modes) {
		await check(`${name}, ${mode.scheme}, ${mode.width} px: accessible and nothing cut off`, async () => {
			await setMode(page, mode)
			const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
			must(over <= 0, `the page is ${over} px wider than the window`)
			if (shots) {
				mkdirSync(shots, { recursive: true })
				await page.waitForFunction(() => !document.querySelector('.toast'))
				await page.screenshot({ path: join(shots, `${name}-${mode.scheme}-${mode.width}.png`), fullPage: mode.width < 600 })
			}
			await axe(page)
		})
	}
	await setMode(page, { scheme: 'light', width: 1280 })
}
