/* What all open accounts come to in the user's currency, a venue each: paper
   and real money are never added up, and without a rate there is no sum. */
import { assetWord, rateWords, venueWord } from '../lib/totals'
import type { Total, TotalAsset } from '../lib/desk_types'
import { number, tone } from '../lib/format'
import { Panel, Scroll } from './shell'

type Sums = Pick<Total, 'equity' | 'cash' | 'realised' | 'unrealised'>

const Cells = ({ of }: { of: Sums }) => (
	<>
		<td class="num">{number(of.equity)}</td>
		<td class="num">{number(of.cash)}</td>
		<td class={`num ${tone(of.realised)}`}>{number(of.realised)}</td>
		<td class={`num ${tone(of.unrealised)}`}>{number(of.unrealised)}</td>
	</>
)

/* Of one asset that is the currency itself the total says all. */
const isPlain = ({ assets, currency }: Total): boolean => assets.length === 1 && assets[0]?.asset === currency

const Part = ({ asset, currency }: { asset: TotalAsset; currency: string }) => (
	<tr class="quiet">
		<th scope="row">{assetWord(asset.asset)}<p class="hint">{rateWords(asset, currency, Date.now())}</p></th>
		<Cells of={asset} />
	</tr>
)

export const Totals = ({ totals }: { totals: Total[] }) => (
	<Panel title="All accounts" note={totals[0] ? `In ${totals[0].currency}, a venue each` : ''} wide>
		<Scroll label="Totals">
			<table>
				<thead><tr>
					<th scope="col">Where</th><th scope="col" class="num">Equity</th><th scope="col" class="num">Cash</th>
					<th scope="col" class="num">Realised</th><th scope="col" class="num">Unrealised</th>
				</tr></thead>
				<tbody>
					{totals.flatMap((total) => [
						<tr key={total.venue} data-total={total.venue}>
							<th scope="row">
								{venueWord(total.venue)}, {total.currency}
								{total.reason !== null && <p class="hint">No total. {total.detail}</p>}
								{total.stale && <p class="hint">At a stale rate.</p>}
							</th>
							<Cells of={total} />
						</tr>,
						...(isPlain(total) ? [] : total.assets.map((asset, at) =>
							<Part key={`${total.venue} ${at}`} asset={asset} currency={total.currency} />)),
					])}
				</tbody>
			</table>
		</Scroll>
	</Panel>
)
