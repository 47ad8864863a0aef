/*
 * Builds the dashboard into static files with content-hashed names:
 *   node build.mjs OUT            the site
 *   node build.mjs --test OUT     the unit tests, as one file for node --test
 * Must never reach for the network nor leave old files in OUT.
 */
import { build } from 'esbuild'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { pages } from './docs.mjs'

process.chdir(fileURLToPath(new URL('.', import.meta.url)))
const testing = process.argv[2] === '--test'
const out = resolve(process.argv[testing ? 3 : 2] ?? '../build/web')
const common = { bundle: true, format: 'esm', target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'], legalComments: 'none', logLevel: 'warning' }

if (testing) {
	await build({ ...common, entryPoints: ['test/all.ts'], platform: 'node', target: 'node18', outfile: join(out, 'all.mjs') })
	process.exit(0)
}

const kept = ['index.html', 'index.html.gz', 'favicon.svg', 'favicon.svg.gz', 'manifest.webmanifest',
	'manifest.webmanifest.gz', 'licenses.txt', 'licenses.txt.gz', 'assets', 'docs']
for (const name of kept) rmSync(join(out, name), { recursive: true, force: true })
mkdirSync(join(out, 'assets'), { recursive: true })

const { metafile } = await build({
	...common,
	entryPoints: { app: 'src/main.tsx', style: 'src/css/index.css', docs: 'src/docs.ts', 'docs-style': 'src/css/docs.css' },
	outdir: join(out, 'assets'),
	entryNames: '[name]-[hash]',
	chunkNames: '[name]-[hash]',
	splitting: true,
	minify: true,
	metafile: true,
	jsx: 'automatic',
	jsxImportSource: 'preact',
	define: { 'process.env.NODE_ENV': '"production"' },
})

const outputs = Object.entries(metafile.outputs)
const named = (entry) => outputs.find(([, o]) => o.entryPoint === entry)
const [script, scriptInfo] = named('src/main.tsx')
const [style] = named('src/css/index.css')
const asset = (path) => `assets/${basename(path)}`
const preloads = scriptInfo.imports
	.filter((i) => i.kind === 'import-statement')
	.map((i) => `<link rel="modulepreload" href="${asset(i.path)}">\n`)
	.join('')
const put = (name, text) => writeFileSync(join(out, name), text)
const page = readFileSync('src/index.html', 'utf8')
	.replace('<!--style-->', `<link rel="stylesheet" href="${asset(style)}">`)
	.replace('<!--script-->', `${preloads}<script type="module" src="${asset(script)}"></script>`)
put('index.html', page)
for (const name of readdirSync('static')) put(name, readFileSync(join('static', name)))

/* What an answer's "type" leads to, and the calls: below /api/docs. */
const api = JSON.parse(readFileSync('../docs/openapi.json', 'utf8'))
const docs = pages(api, { style: asset(named('src/css/docs.css')[0]), script: asset(named('src/docs.ts')[0]) })
for (const [name, text] of docs) {
	mkdirSync(dirname(join(out, name)), { recursive: true })
	put(name, text)
}

/* What the bundled packages ask for: their licence beside every copy. */
const licences = ['preact', '@preact/signals', '@preact/signals-core', 'lightweight-charts', 'fancy-canvas']
	.map((name) => {
		const texts = ['LICENSE', 'NOTICE']
			.map((file) => join('node_modules', name, file))
			.filter((file) => existsSync(file))
			.map((file) => readFileSync(file, 'utf8').trim())
		const { license } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'))
		return `${name} (${license})\n\n${texts.join('\n\n')}`.trim() + '\n'
	})
put('licenses.txt', [readFileSync('NOTICE', 'utf8'), ...licences].join('\n\n'))

let firstLoad = 0
const pack = (name) => {
	const zipped = gzipSync(readFileSync(join(out, name)), { level: 9 })
	zipped[9] = 255 /* "unknown system": the same bytes everywhere */
	writeFileSync(join(out, `${name}.gz`), zipped)
	if (page.includes(name) && name.endsWith('.js')) firstLoad += zipped.length
	return `${name} ${zipped.length}`
}
const names = ['index.html', ...readdirSync('static'), 'licenses.txt', ...docs.map(([name]) => name), ...outputs.map(([path]) => asset(path))]
console.log(names.map(pack).join('\n'))
console.log(`first load: ${firstLoad} bytes of script, gzip`)
if (firstLoad > 40_000) throw new Error('first-load script is over its budget of 40 kB')
