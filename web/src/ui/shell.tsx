/* The frame of every page once signed in: brand, navigation, main. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { me } from '../session'
import { Icon, Mark } from './mark'
import type { IconName } from './mark'

const places: { name: IconName; href: string; label: string; admins?: true; also?: string[] }[] = [
	{ name: 'overview', href: '#/', label: 'Overview' },
	{ name: 'strategies', href: '#/strategies', label: 'Strategies', also: ['hooks'] },
	{ name: 'backtests', href: '#/backtests', label: 'Backtests' },
	{ name: 'signals', href: '#/signals', label: 'Signals' },
	{ name: 'trading', href: '#/trading', label: 'Trading', also: ['portfolio', 'risk'] },
	{ name: 'settings', href: '#/settings', label: 'Settings' },
	{ name: 'admin', href: '#/admin', label: 'Admin', admins: true },
	{ name: 'account', href: '#/account', label: 'Account' },
]

const toMain = (event: Event): void => {
	event.preventDefault()
	document.getElementById('main')?.focus()
}

export const SkipLink = () => <a class="skip" href="#main" onClick={toMain}>Skip to the content</a>

export const Shell = ({ place, children }: { place: string; children: ComponentChildren }) => (
	<div class="shell">
		<SkipLink />
		<header class="side">
			<a class="brand" href="#/"><Mark /> <span>Kontor</span></a>
			<nav aria-label="Main">
				<ul>
					{places.filter(({ admins }) => !admins || me.value?.role === 'admin').map(({ name, href, label, also }) => (
						<li key={name} class={`place-${name}`}>
							<a href={href} aria-current={name === place || also?.includes(place) ? 'page' : undefined}>
								<Icon name={name} /> <span>{label}</span>
							</a>
						</li>
					))}
				</ul>
			</nav>
			<p class="who">Signed in as <a href="#/account"><strong>{me.value?.username}</strong></a></p>
		</header>
		<main id="main" tabIndex={-1}>{children}</main>
	</div>
)

interface TitleProps {
	title: string
	sub?: ComponentChildren
	back?: { href: string; label: string }
	children?: ComponentChildren
}

let shown = ''

/* The page's only h1. It takes the focus when one has come to a new page. */
export function Title({ title, sub, back, children }: TitleProps) {
	const ref = useRef<HTMLHeadingElement>(null)
	useEffect(() => {
		document.title = `${title} · Kontor`
		if (shown && shown !== location.hash) {
			ref.current?.focus({ preventScroll: true })
			scrollTo(0, 0)
		}
		shown = location.hash || '#/'
	}, [title])
	return (
		<div class="title">
			<div>
				{back && <a class="back" href={back.href}>{back.label}</a>}
				<h1 ref={ref} tabIndex={-1}>{title}</h1>
				{sub && <p class="sub">{sub}</p>}
			</div>
			{children && <div class="row">{children}</div>}
		</div>
	)
}

export const Panel = ({ title, note, children, wide }: {
	title: string
	note?: ComponentChildren
	children: ComponentChildren
	wide?: boolean
}) => (
	<section class={wide ? 'panel wide' : 'panel'}>
		<div class="panel-head">
			<h2>{title}</h2>
			{note && <div class="quiet">{note}</div>}
		</div>
		{children}
	</section>
)

/* A table that scrolls sideways by itself, never the page. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
	<div class="scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>
)
