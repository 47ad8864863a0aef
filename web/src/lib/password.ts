/* The password policy, shown while one types. The server decides. */
export interface Rule {
	text: string
	met: boolean
}

const SHORT = 8
const LONG = 15

export function passwordRules(password: string, username: string, email = ''): Rule[] {
	const length = [...password].length
	const long = length >= LONG
	const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u]
	const mixed = kinds.every((kind) => kind.test(password))
	const folded = password.toLowerCase()
	const own = [username, email.split('@')[0] ?? '', 'kontor']
		.map((word) => word.trim().toLowerCase())
		.filter((word) => word.length >= 3)
	const personal = own.some((word) => folded.includes(word))
	return [
		{ text: `At least ${SHORT} characters`, met: length >= SHORT },
		{
			text: `Upper case, lower case, a digit and a special character, or simply ${LONG} characters of any kind`,
			met: long || (length > 0 && mixed),
		},
		{ text: 'Not your name and not “kontor”', met: length > 0 && !personal },
	]
}

export const passwordFits = (password: string, username: string, email = ''): boolean =>
	passwordRules(password, username, email).every((rule) => rule.met)

export const usernameFits = (username: string): boolean => /^[A-Za-z0-9._-]{3,32}$/.test(username)
