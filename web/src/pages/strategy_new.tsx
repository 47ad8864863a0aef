/* A new strategy, from a template or from nothing. */
import { get, post } from '../api'
import { intervalOf, outline } from '../lib/definition'
import { href } from '../lib/route'
import type { Strategy, StrategyTemplate } from '../lib/types'
import { useAction, useLoad } from '../ui/load'
import { Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

export function StrategyNew() {
	const loaded = useLoad(() => get<{ data: StrategyTemplate[] }>('strategies/templates'))
	const { busy, problem, run } = useAction()
	const take = (template: StrategyTemplate): void => void run(async () => {
		const made = await post<Strategy>('strategies', { definition: template.definition })
		location.hash = href(['strategies', made.id])
		toast(`“${made.name}” created`)
	})
	return (
		<>
			<Title title="New strategy" sub="Take a template as it is, then change what you like." back={{ href: '#/strategies', label: 'Strategies' }} />
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ data }) => data.length === 0 ? <Empty title="This server has no templates." /> : (
					<ul class="cards">
						{data.map((template) => (
							<li key={template.slug} class="panel">
								<h2>{template.name}</h2>
								<p>{template.description}</p>
								<p class="quiet">{[intervalOf(template.definition), outline(template.definition)].filter(Boolean).join(' · ')}</p>
								<button type="button" class="button" disabled={busy.value} aria-label={`Use this template: ${template.name}`}
									onClick={() => take(template)}>Use this template</button>
							</li>
						))}
					</ul>
				)}
			</Ready>
		</>
	)
}
