/* The frame of the pages before one is signed in, and what they share. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { passwordRules } from '../lib/password'
import { Mark } from './mark'
import { SkipLink } from './shell'

interface FrontProps {
	title: string
	lead?: ComponentChildren
	children: ComponentChildren
}

export function Front({ title, lead, children }: FrontProps) {
	useEffect(() => void (document.title = `${title} · Kontor`), [title])
	return (
		<div class="front">
			<SkipLink />
			<header class="front-brand">
				<p class="brand"><Mark /> <span>Kontor</span></p>
				<p class="motto">One house, many merchants, and every counting room under its own lock.</p>
			</header>
			<main id="main" tabIndex={-1}>
				<h1>{title}</h1>
				{lead && <div class="lead">{lead}</div>}
				{children}
			</main>
		</div>
	)
}

interface RulesProps {
	password: string
	username: string
	email?: string
}

/* The rules, ticked off while typing; in words, not by colour alone. */
export const Rules = ({ password, username, email = '' }: RulesProps) => (
	<ul class="rules" aria-label="Rules for the password">
		{passwordRules(password, username, email).map((rule) => (
			<li key={rule.text} class={rule.met ? 'met' : ''}>
				<span aria-hidden="true">{rule.met ? '✓' : '·'}</span> {rule.text}
				<span class="unseen">{rule.met ? ' (met)' : ' (not yet)'}</span>
			</li>
		))}
	</ul>
)
