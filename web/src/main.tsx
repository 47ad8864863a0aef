/* Starts the dashboard: which page the address asks for, and for whom. */
import { signal } from '@preact/signals'
import { render } from 'preact'
import type { ComponentChild } from 'preact'
import { parseHash } from './lib/route'
import { Account } from './pages/account'
import { Backtests } from './pages/backtests'
import { Lost } from './pages/lost'
import { Overview } from './pages/overview'
import { Register } from './pages/register'
import { SettingsPage } from './pages/settings'
import { Setup } from './pages/setup'
import { SignIn } from './pages/signin'
import { SignalsPage } from './pages/signals'
import { Strategies } from './pages/strategies'
import { StrategyNew } from './pages/strategy_new'
import { me, resume, starting, trouble } from './session'
import { Dialogs } from './ui/dialog'
import { Front } from './ui/front'
import { Shell } from './ui/shell'
import { Later } from './ui/later'
import { Loading, ProblemBox } from './ui/states'
import { Toasts } from './ui/toast'
import './theme'

const adminPage = () => import('./pages/admin').then(({ Admin }) => Admin)
const deskPages = () => import('./pages/desk').then(({ DeskPages }) => DeskPages)
const runsPage = () => import('./pages/runs').then(({ Runs }) => Runs)
const notificationsPage = () => import('./pages/notifications').then(({ NotificationsPage }) => NotificationsPage)
const hooksPage = () => import('./pages/hooks').then(({ HooksPage }) => HooksPage)
const strategyPage = () => import('./pages/strategy').then(({ StrategyPage }) => StrategyPage)

const route = signal(parseHash(location.hash))
/* "#main" and the like are places on a page, not pages. */
addEventListener('hashchange', () => {
	if (location.hash === '' || location.hash.startsWith('#/')) route.value = parseHash(location.hash)
})

function page(parts: string[], query: URLSearchParams): ComponentChild {
	const [place, which, extra] = parts
	if (place === 'backtests' && which) return <Later key="runs" part={runsPage} props={{ parts: parts.slice(1), query }} />
	if (extra !== undefined) return <Lost />
	switch (place) {
		case undefined: return <Overview />
		case 'trading': case 'portfolio': case 'risk':
			return which ? <Lost /> : <Later key="desk" part={deskPages} props={{ place }} />
		case 'signals': return which ? <Lost /> : <SignalsPage />
		case 'settings': return which ? <Lost /> : <SettingsPage />
		case 'notifications': return which ? <Lost /> : <Later key="notifications" part={notificationsPage} props={{}} />
		case 'hooks': return which ? <Lost /> : <Later key="hooks" part={hooksPage} props={{}} />
		case 'account': return which ? <Lost /> : <Account />
		case 'admin': return which || me.value?.role !== 'admin' ? <Lost /> : <Later key="admin" part={adminPage} props={{}} />
		case 'strategies':
			if (!which) return <Strategies />
			return which === 'new' ? <StrategyNew /> : <Later key={which} part={strategyPage} props={{ id: which }} />
		case 'backtests': return <Backtests />
		default: return <Lost />
	}
}

/* Nobody is signed in, or it is not known yet whether somebody is. */
function Door({ place }: { place: string | undefined }) {
	if (starting.value) return <Front title="Kontor"><Loading /></Front>
	if (trouble.value) return <Front title="Kontor"><ProblemBox problem={trouble.value} retry={() => void resume()} /></Front>
	return place === 'register' ? <Register /> : <SignIn />
}

function App() {
	const { parts, query } = route.value
	const [place, token] = parts
	let content: ComponentChild
	if (place === 'setup' && token) content = <Setup key={token} token={token} />
	else if (!me.value) content = <Door place={place} />
	else content = <Shell key={me.value.id} place={place ?? 'overview'}>{page(parts, query)}</Shell>
	return (
		<>
			{content}
			<Toasts />
			<Dialogs />
		</>
	)
}

void resume()
render(<App />, document.getElementById('app')!)
