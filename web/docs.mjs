/*
 * The pages about the API, made of the OpenAPI document when the dashboard is
 * built: one with all calls, one for each kind of problem. They are whole
 * without a script. Must never show a word of the document unescaped.
 */
const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => signs[sign])
const code = (text) => `<code>${escape(text)}</code>`
const last = (reference) => reference.split('/').at(-1)
const link = (reference) => `<a href="#data-${escape(last(reference))}">${escape(last(reference))}</a>`
const problemLink = (name) => `<a href="/api/docs/problems/${escape(name)}">${escape(name)}</a>`

const frame = ({ title, style, script = '', body }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · Kontor</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/${escape(style)}">
${script && `<script type="module" src="/${escape(script)}"></script>\n`}</head>
<body class="docs">
<a class="skip" href="#main">Skip to the page</a>
<header class="docs-head"><a class="brand" href="/">Kontor</a><nav aria-label="Site"><a href="/api/docs">API</a> <a href="/api/openapi.json">OpenAPI document</a></nav></header>
<main id="main" tabindex="-1">
${body}
</main>
</body>
</html>
`

/* ---- types --------------------------------------------------------------- */

function typeOf(schema) {
	if (schema.$ref) return link(schema.$ref)
	if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
	const types = [schema.type ?? 'any'].flat().map((type) => (type === 'string' && schema.format ? schema.format : type))
	return escape(types.join(' or '))
}

const bounds = [['minimum', 'maximum', ''], ['minLength', 'maxLength', ' characters'], ['minItems', 'maxItems', ' entries']]

function range(least, most, unit) {
	if (least === undefined && most === undefined) return ''
	if (least === undefined) return `at most ${escape(most)}${unit}`
	return most === undefined ? `${escape(least)}${unit} or more` : `${escape(least)} to ${escape(most)}${unit}`
}

function rulesOf(schema) {
	const values = (schema.enum ?? schema.items?.enum ?? []).filter((value) => value !== null)
	const parts = bounds.map(([least, most, unit]) => range(schema[least], schema[most], unit)).filter(Boolean)
	if (schema.default !== undefined) parts.push(`default ${code(schema.default)}`)
	if (values.length > 0) parts.push(`one of ${values.map(code).join(' ')}`)
	return parts.join(', ')
}

const row = (name, mark, schema, about) =>
	`<tr><th scope="row">${code(name)}${mark}</th><td>${typeOf(schema)}</td><td>${[escape(about ?? ''), rulesOf(schema)].filter(Boolean).join('; ')}</td></tr>`

const table = (caption, heads, rows) => `<div class="scroll" tabindex="0" role="group" aria-label="${escape(caption)}"><table class="dense">
<caption>${escape(caption)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`

const need = (required) => (required ? ' <span class="need">required</span>' : '')

/* ---- calls --------------------------------------------------------------- */

const ways = { bearer: 'a bearer token', cookie: "the browser's session", api_key: 'an API key' }

function whoMay(security = []) {
	const names = security.flatMap((one) => Object.keys(one)).map((name) => ways[name] ?? name)
	return names.length === 0 ? 'Public: no credential is needed.' : `With ${names.join(', ')}.`
}

function bodyOf({ requestBody }) {
	if (!requestBody) return ''
	const [types, schema] = [Object.keys(requestBody.content), Object.values(requestBody.content)[0].schema]
	return `<p>Body${requestBody.required ? '' : ' (may be left out)'}: ${typeOf(schema)} as ${types.map(code).join(' or ')}</p>`
}

function answerOf([status, answer]) {
	if (answer.$ref) return `<tr><th scope="row">${escape(status)}</th><td>${problemLink(last(answer.$ref))}</td><td></td></tr>`
	const content = Object.entries(answer.content ?? {}).map(([type, { schema }]) => `${schema?.$ref ? `${typeOf(schema)} as ` : ''}${code(type)}`)
	return `<tr><th scope="row">${escape(status)}</th><td>${escape(answer.description)}</td><td>${content.join(' or ')}</td></tr>`
}

function operation(prefix, path, method, call) {
	const parameters = (call.parameters ?? []).map((one) =>
		row(one.name, ` <span class="quiet">${escape(one.in)}</span>${need(one.required)}`, one.schema, one.description))
	return `<details class="call" id="${escape(call.operationId)}">
<summary><h3><span class="method">${escape(method.toUpperCase())}</span> ${code(prefix + path)}</h3> <span>${escape(call.summary)}</span></summary>
<p>${[whoMay(call.security), escape(call.description ?? '')].filter(Boolean).join(' ')}</p>
${parameters.length > 0 ? table(`Parameters of ${call.operationId}`, ['Name', 'Type', 'Meaning'], parameters) : ''}
${bodyOf(call)}
${table(`Answers of ${call.operationId}`, ['Status', 'What', 'Content'], Object.entries(call.responses).map(answerOf))}
</details>`
}

const groupOf = (tag, calls) => `<section class="group" id="group-${escape(tag.name)}" aria-labelledby="head-${escape(tag.name)}">
<h2 id="head-${escape(tag.name)}">${escape(tag.name)}</h2>
${calls.join('\n')}
</section>`

/* ---- data ---------------------------------------------------------------- */

const parts = (schema) => (schema.allOf ?? [schema]).map((one) => one.properties ?? {})

function shape(name, schema) {
	const required = new Set((schema.allOf ?? [schema]).flatMap((one) => one.required ?? []))
	const rows = Object.entries(Object.assign({}, ...parts(schema))).map(([member, one]) =>
		row(member, need(schema.additionalProperties === false && required.has(member)), one, one.description))
	return `<details class="call" id="data-${escape(name)}">
<summary><h3>${code(name)}</h3></summary>
${table(`Members of ${name}`, ['Member', 'Type', 'Meaning'], rows)}
</details>`
}

/* ---- pages --------------------------------------------------------------- */

const problemRow = (one) =>
	`<tr><th scope="row">${problemLink(one.code)}</th><td>${one.status}</td><td>${escape(one.title)}</td></tr>`

function index(api, assets) {
	const prefix = api.servers[0].url
	const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, call]) => ({ tag: call.tags[0], html: operation(prefix, path, method, call) })))
	const body = `<h1>The API</h1>
<p class="sub">${escape(api.info.description)} ${code(`${prefix}/…`)} and ${code('/api/…')} answer alike.</p>
<form class="find" id="find" role="search" hidden>
<label for="words">Find calls and data</label>
<input id="words" type="search" autocomplete="off" spellcheck="false">
<p id="found" role="status" class="hint"></p>
</form>
<nav class="groups" aria-label="Groups"><ul>
${api.tags.map((tag) => `<li><a href="#group-${escape(tag.name)}">${escape(tag.name)}</a></li>`).join('\n')}
<li><a href="#group-data">data</a></li>
<li><a href="#problems">problems</a></li>
</ul></nav>
${api.tags.map((tag) => groupOf(tag, calls.filter((call) => call.tag === tag.name).map((call) => call.html))).join('\n')}
${groupOf({ name: 'data' }, Object.entries(api.components.schemas).map(([name, schema]) => shape(name, schema)))}
<section id="problems" aria-labelledby="head-problems">
<h2 id="head-problems">problems</h2>
${table('What an answer can fail with', ['Code', 'Status', 'Title'], api['x-problems'].map(problemRow))}
</section>`
	return frame({ title: 'The API', ...assets, body })
}

function problemPage(problem, { style }) {
	const example = { type: `/api/docs/problems/${problem.code}`, title: problem.title, status: problem.status, detail: problem.detail, code: problem.code }
	const body = `<p class="back"><a href="/api/docs#problems">All problems</a></p>
<h1>${escape(problem.title)}</h1>
<p class="sub">${code(problem.code)}, status ${problem.status}</p>
<section class="panel" aria-labelledby="means"><h2 id="means">What it means</h2><p>${escape(problem.detail)}</p></section>
<section class="panel" aria-labelledby="remedy"><h2 id="remedy">What to do</h2><p>${escape(problem.remedy)}</p></section>
<section class="panel" aria-labelledby="looks"><h2 id="looks">How it looks</h2><pre>${escape(JSON.stringify(example, null, 2))}</pre>
<p class="hint">${code('detail')} may say more about this one call; ${code('request_id')} names it in the server's log, ${code('errors')} each fault of the input.</p></section>`
	return frame({ title: problem.title, style, body })
}

/* [file below the site, its text] of each page. assets: paths of style and script. */
export function pages(api, assets) {
	return [
		['docs/index.html', index(api, assets)],
		...api['x-problems'].map((problem) => [`docs/problems/${problem.code}/index.html`, problemPage(problem, assets)]),
	]
}
