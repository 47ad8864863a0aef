/* The page of the API: finds calls by words, and opens what an address or a
   link names. Without it the page is whole, only longer to look through. */
const form = document.getElementById('find') as HTMLFormElement
const field = document.getElementById('words') as HTMLInputElement
const told = document.getElementById('found') as HTMLElement
const entries = [...document.querySelectorAll<HTMLDetailsElement>('details.call')].map((item) => ({
	item,
	words: (item.textContent ?? '').toLowerCase(),
}))

function find() {
	const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean)
	let count = 0
	for (const { item, words } of entries) {
		item.hidden = !wanted.every((word) => words.includes(word))
		if (!item.hidden) count++
	}
	for (const group of document.querySelectorAll<HTMLElement>('.group'))
		group.hidden = group.querySelector('details:not([hidden])') === null
	told.textContent = wanted.length > 0 ? `${count} of ${entries.length} found` : ''
}

function show() {
	const item = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)))
	if (!item) return
	if (item.closest('[hidden]')) {
		field.value = ''
		find()
	}
	if (item instanceof HTMLDetailsElement) item.open = true
	item.scrollIntoView()
}

form.hidden = false
form.addEventListener('submit', (event) => event.preventDefault())
field.addEventListener('input', find)
addEventListener('hashchange', show)
show()
