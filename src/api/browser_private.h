/* The browser session's cookies, for the handlers that give and take them. */
#ifndef API_BROWSER_PRIVATE_H
#define API_BROWSER_PRIVATE_H

#include "account.h"
#include "call.h"

/* Moves the tokens of a pair into the reply's cookies. */
void browser_keep(struct call *call, struct token_pair *pair);
/* Takes them away again. */
void browser_forget(struct call *call);
/* ERR_CSRF unless our own page says that it made the request: programs have
   no use for cookies. */
MUST_CHECK enum err browser_check_site(const struct call *call);

#endif
