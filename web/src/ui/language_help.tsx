/* What one may write in a rule, from the server's own schema. */
import { useSignal } from '@preact/signals'
import { get } from '../api'
import { helpOf } from '../lib/expression'
import type { HelpIndicator } from '../lib/expression'
import { TextField } from './field'
import { useLoad } from './load'
import { Ready } from './states'

const Indicator = ({ one }: { one: HelpIndicator }) => (
	<li>
		<p><code>{one.call}</code> {one.summary}</p>
		{one.params.length > 0 && (
			<dl class="help-params">
				{one.params.map(({ name, text }) => <div key={name}><dt><code>{name}</code></dt><dd>{text}</dd></div>)}
			</dl>
		)}
		{one.outputs.length > 1 && <p class="quiet">Outputs: {one.outputs.map((output, index) => <>{index > 0 && ', '}<code>.{output}</code></>)}</p>}
	</li>
)

const prices = ['open', 'high', 'low', 'close', 'volume', 'hl2', 'hlc3', 'ohlc4', 'ha_open', 'ha_high', 'ha_low', 'ha_close']
const Words = ({ words }: { words: string[] }) => <>{words.map((word, index) => <>{index > 0 && ' '}<code>{word}</code></>)}</>

/* Functions of the text form; the operators have signs of their own there. */
const signed = ['add', 'sub', 'mul', 'div', 'gt', 'ge', 'lt', 'le', 'eq', 'all', 'any', 'not', 'shift', 'param']

function Found() {
	const loaded = useLoad(() => get<unknown>('strategies/schema'))
	const sought = useSignal('')
	return (
		<Ready of={loaded}>
			{(schema) => {
				const { indicators, operators } = helpOf(schema)
				const word = sought.value.trim().toLowerCase()
				const shown = indicators.filter(({ name, summary }) => `${name} ${summary}`.toLowerCase().includes(word))
				return (
					<div class="help">
						<p>Prices: <Words words={prices} /></p>
						<p>Functions: <Words words={operators.filter((name) => !signed.includes(name))} /></p>
						<p>Signs: <Words words={['+', '-', '*', '/', '>', '>=', '<', '<=', '==', 'and', 'or', 'not', '( )']} />, <code>$fast</code> for a parameter, <code>close[1]</code> for one candle before.</p>
						<TextField label={`Find among ${indicators.length} indicators`} value={sought.value} autocomplete="off" onValue={(value) => (sought.value = value)} />
						<ul class="help-list" tabIndex={0} aria-label="Indicators">{shown.map((one) => <Indicator key={one.name} one={one} />)}</ul>
						{!shown.length && <p class="quiet">None is called so.</p>}
					</div>
				)
			}}
		</Ready>
	)
}

export function LanguageHelp() {
	const opened = useSignal(false)
	return (
		<details onToggle={(event) => (opened.value ||= event.currentTarget.open)}>
			<summary>What one may write</summary>
			{opened.value && <Found />}
		</details>
	)
}
