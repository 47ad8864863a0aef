/* The one cookie that scripts may read: the CSRF token of the session. */
const NAME = '__Host-kontor-csrf'

/* Its value in a document.cookie text; "" when it is not there. */
export function csrfOf(cookies: string): string {
	for (const pair of cookies.split(';')) {
		const at = pair.indexOf('=')
		if (at > 0 && pair.slice(0, at).trim() === NAME) return pair.slice(at + 1).trim()
	}
	return ''
}

/* What to write to document.cookie so that it is gone. */
export const noCsrf = `${NAME}=; Max-Age=0; Path=/; Secure; SameSite=Strict`
