/*
 * Which passwords are taken. Length is counted in characters, not bytes;
 * nothing is cut or folded before it is hashed. The folding, un-leeting and
 * stripping below serve one question only: is this a common password in
 * fancy dress? This file never stores or prints a password.
 */
#include "password.h"

#include "common_passwords.h"
#include "secret.h"
#include "text.h"

enum {
	LENGTH_MIN = 8,	     /* characters, with all four classes */
	LENGTH_FREE = 15,    /* characters from which classes do not count */
	CONTEXT_MIN = 4,     /* shortest e-mail local part looked for */
	USERNAME_MIN = 3,    /* shortest user name looked for */
	CORE_MIN = 4,	     /* shortest word that counts as one */
	CORE_LIMIT = 64,     /* bytes; no common password is longer */
	DRESSING_LIMIT = 12, /* digits and symbols stuck to the ends */
	FORM_COUNT = 3,	     /* as written, and two readings of leetspeak */
	COMMON_COUNT = sizeof(common_passwords) / sizeof(*common_passwords) - 1
};

static const char product_name[] = "kontor";

/* Runs of neighbours: alphabet, digits, keyboard rows and columns; each
   twice over, and backwards. */
static const char *const walks[] = {
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"zyxwvutsrqponmlkjihgfedcbazyxwvutsrqponmlkjihgfedcba",
	"0123456789012345678901234567890",
	"1234567890987654321234567890",
	"9876543210987654321098765432109",
	"qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
	"mnbvcxzlkjhgfdsapoiuytrewqmnbvcxzlkjhgfdsapoiuytrewq",
	"qwertzuiopasdfghjklyxcvbnmqwertzuiopasdfghjklyxcvbnm",
	"azertyuiopqsdfghjklmwxcvbnazertyuiopqsdfghjklmwxcvbn",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"1q2w3e4r5t6y7u8i9o0p",
	"q1w2e3r4t5y6u7i8o9p0",
	NULL,
};

struct leet {
	char from;
	char to[FORM_COUNT]; /* [0] is never used: as written */
};
static const struct leet leets[] = {
	{'@', {0, 'a', 'a'}},
	{'4', {0, 'a', 'a'}},
	{'0', {0, 'o', 'o'}},
	{'1', {0, 'i', 'l'}},
	{'!', {0, 'i', 'l'}},
	{'|', {0, 'l', 'i'}},
	{'3', {0, 'e', 'e'}},
	{'$', {0, 's', 's'}},
	{'5', {0, 's', 's'}},
	{'7', {0, 't', 'l'}},
	{'+', {0, 't', 't'}},
	{'8', {0, 'b', 'b'}},
	{'9', {0, 'g', 'q'}},
	{'6', {0, 'g', 'b'}},
	{'2', {0, 'z', 'z'}},
	{'(', {0, 'c', 'c'}},
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char leet_letter(char c, int form)
{
	for (size_t i = 0; form > 0 && i < sizeof(leets) / sizeof(*leets); i++)
		if (leets[i].from == c)
			return leets[i].to[form];
	return c;
}

static int compare_word(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool is_listed(const char *word)
{
	return bsearch(word, common_passwords, COMMON_COUNT,
		       sizeof(*common_passwords), compare_word) != NULL;
}

static bool is_walk(const char *word)
{
	for (const char *const *walk = walks; *walk; walk++)
		if (strstr(*walk, word))
			return true;
	return false;
}

/* The shortest unit of which text is a whole number of copies. */
static size_t unit_length(const char *text, size_t len)
{
	for (size_t unit = 1; unit <= len / 2; unit++)
		if (len % unit == 0 &&
			memcmp(text, text + unit, len - unit) == 0)
			return unit;
	return len;
}

/* One word, folded and stripped, in one reading of its leetspeak. */
static bool core_is_common(const char *text, size_t len, int form)
{
	char word[CORE_LIMIT + 1] = {0};
	bool common;

	if (len < CORE_MIN || len > CORE_LIMIT)
		return false;
	for (size_t i = 0; i < len; i++)
		word[i] = leet_letter(text[i], form);
	common = is_listed(word) || is_walk(word);
	secret_wipe(word, sizeof(word));
	return common;
}

/* Digits and symbols at the ends. */
static void find_dressing(
	const char *text, size_t len, size_t *head, size_t *tail)
{
	size_t before = 0, after = 0;

	while (before < len && before < DRESSING_LIMIT &&
		!is_letter(text[before]))
		before++;
	while (after < len - before && after < DRESSING_LIMIT &&
		!is_letter(text[len - 1 - after]))
		after++;
	*head = before;
	*tail = after;
}

/* Every way of taking dressing off; some of it may be leetspeak. */
static bool stripped_is_common(const char *text, size_t len, int form)
{
	size_t head, tail;

	find_dressing(text, len, &head, &tail);
	for (size_t i = 0; i <= head; i++) {
		for (size_t j = 0; j <= tail && i + j < len; j++)
			if (i + j <= DRESSING_LIMIT &&
				core_is_common(text + i, len - i - j, form))
				return true;
	}
	return false;
}

/* Without its separators: "p-@-s-s-w-0-r-d!". */
static bool letters_are_common(const char *text, size_t len, int form)
{
	char word[CORE_LIMIT + 1] = {0};
	size_t letters = 0, head, tail;
	bool common;

	if (len > CORE_LIMIT)
		return false;
	find_dressing(text, len, &head, &tail);
	for (size_t i = head; i < len - tail; i++) {
		char c = leet_letter(text[i], form);

		if (is_letter(c))
			word[letters++] = c;
	}
	common = letters * 2 >= len && core_is_common(word, letters, 0);
	secret_wipe(word, sizeof(word));
	return common;
}

static bool form_is_common(const char *folded, size_t len, int form)
{
	size_t unit = unit_length(folded, len);

	/* copies of what would be too short alone */
	if (unit < len && unit < LENGTH_MIN)
		return true;
	return stripped_is_common(folded, unit, form) ||
	       letters_are_common(folded, unit, form) ||
	       stripped_is_common(folded, len, form);
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool password_is_common(struct arena *arena, const char *password)
{
	size_t len = strnlen(password, PASSWORD_BYTES_LIMIT + 1);
	char *folded;
	bool common = false;

	if (len == 0 || len > PASSWORD_BYTES_LIMIT)
		return false;
	folded = arena_alloc(arena, len + 1);
	for (size_t i = 0; i < len; i++)
		folded[i] = fold(password[i]);
	for (int form = 0; form < FORM_COUNT && !common; form++)
		common = form_is_common(folded, len, form);
	secret_wipe(folded, len);
	return common;
}

/* Is the word inside, whatever its case? */
static bool contains(const char *text, const char *word, size_t len)
{
	size_t text_len = strlen(text);

	for (size_t at = 0; at + len <= text_len; at++) {
		size_t i = 0;

		while (i < len && fold(text[at + i]) == fold(word[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

struct classes {
	bool upper, lower, digit, special;
};

static struct classes classes_of(const char *text)
{
	struct classes classes = {0};

	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			classes.upper = true;
		else if (*text >= 'a' && *text <= 'z')
			classes.lower = true;
		else if (*text >= '0' && *text <= '9')
			classes.digit = true;
		else
			classes.special = true;
	}
	return classes;
}

/* Each function below answers how many rules it found broken. */
static int check_length(
	const char *password, const char *pointer, struct report *report)
{
	size_t characters = text_characters(password);
	struct classes has = classes_of(password);
	const struct {
		bool there;
		const char *name;
	} wanted[] = {
		{has.upper, "an upper-case letter"},
		{has.lower, "a lower-case letter"},
		{has.digit, "a digit"},
		{has.special, "a special character"},
	};
	int broken = 0;

	if (characters < LENGTH_MIN) {
		report_fault(report, pointer,
			"must have at least %d characters", LENGTH_MIN);
		broken++;
	}
	for (size_t i = 0; i < 4 && characters < LENGTH_FREE; i++) {
		if (wanted[i].there)
			continue;
		report_fault(report, pointer,
			"must have %s, or %d characters and more",
			wanted[i].name, LENGTH_FREE);
		broken++;
	}
	return broken;
}

static int check_context(const char *password, const char *username,
	const char *email, const char *pointer, struct report *report)
{
	const char *at = email ? strchr(email, '@') : NULL;
	size_t local = at ? (size_t)(at - email) : 0;
	int broken = 0;

	if (username && strlen(username) >= USERNAME_MIN &&
		contains(password, username, strlen(username))) {
		report_fault(report, pointer, "must not contain the user name");
		broken++;
	}
	if (local >= CONTEXT_MIN && contains(password, email, local)) {
		report_fault(report, pointer,
			"must not contain your e-mail address");
		broken++;
	}
	if (contains(password, product_name, sizeof(product_name) - 1)) {
		report_fault(report, pointer,
			"must not contain the name of this program");
		broken++;
	}
	return broken;
}

enum err password_check(const char *password, const char *username,
	const char *email, const char *pointer, struct report *report)
{
	int broken;
	size_t len = strnlen(password, PASSWORD_BYTES_LIMIT + 1);

	if (len > PASSWORD_BYTES_LIMIT) {
		report_fault(report, pointer, "must have at most %d bytes",
			PASSWORD_BYTES_LIMIT);
		return ERR_BAD_INPUT;
	}
	if (!text_is_utf8(password, len)) {
		report_fault(report, pointer, "must be valid UTF-8");
		return ERR_BAD_INPUT;
	}
	broken = check_length(password, pointer, report);
	broken += check_context(password, username, email, pointer, report);
	if (password_is_common(report->arena, password)) {
		report_fault(report, pointer,
			"is a common password, or one that is easy to guess");
		broken++;
	}
	return broken ? ERR_BAD_INPUT : ERR_OK;
}
