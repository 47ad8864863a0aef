/*
 * The end of the web server's certificate: the few steps into its DER that
 * lead to notAfter (RFC 5280, 4.1). Nothing is trusted or verified here, a
 * date is read. Must never read past what a length says, and never a private
 * key: only what stands between CERTIFICATE lines is looked at.
 */
#include "certificate.h"

#include <sodium.h>

#include "clock.h"
#include "file.h"

enum {
	CERTIFICATE_LIMIT = 1 << 20, /* bytes, with its chain */
	/* tags of DER */
	TAG_INTEGER = 0x02,
	TAG_UTC_TIME = 0x17,
	TAG_FULL_TIME = 0x18,
	TAG_SEQUENCE = 0x30,
	TAG_VERSION = 0xa0,
	LENGTH_LONG = 0x80, /* what follows are its bytes, at most three here */
	LENGTH_BYTES = 3,
	UTC_LENGTH = 13,  /* YYMMDDHHMMSSZ */
	FULL_LENGTH = 15, /* YYYYMMDDHHMMSSZ */
	UTC_TURN = 50	  /* below it: 20YY */
};

struct der {
	const unsigned char *at;
	size_t len;
};

/* Takes the element at the front: its tag, and what is inside. */
static bool der_take(struct der *der, unsigned char *tag, struct der *inside)
{
	size_t head = 2;
	size_t len;

	if (der->len < head)
		return false;
	len = der->at[1];
	if (len & LENGTH_LONG) {
		size_t bytes = len & ~(size_t)LENGTH_LONG;

		if (bytes == 0 || bytes > LENGTH_BYTES ||
			der->len < head + bytes)
			return false;
		len = 0;
		for (size_t i = 0; i < bytes; i++)
			len = len << 8 | der->at[head + i];
		head += bytes;
	}
	if (len > der->len - head)
		return false;
	*tag = der->at[0];
	*inside = (struct der){der->at + head, len};
	der->at += head + len;
	der->len -= head + len;
	return true;
}

static bool der_expect(struct der *der, unsigned char tag, struct der *inside)
{
	unsigned char found;

	return der_take(der, &found, inside) && found == tag;
}

/* Certificate > tbsCertificate > validity > notAfter */
static bool find_end(struct der der, unsigned char *tag, struct der *end)
{
	struct der certificate;
	struct der body;
	struct der validity;
	struct der skipped;

	if (!der_expect(&der, TAG_SEQUENCE, &certificate) ||
		!der_expect(&certificate, TAG_SEQUENCE, &body))
		return false;
	if (body.len > 0 && body.at[0] == TAG_VERSION &&
		!der_take(&body, tag, &skipped))
		return false;
	return der_expect(&body, TAG_INTEGER, &skipped) &&  /* serial */
	       der_expect(&body, TAG_SEQUENCE, &skipped) && /* algorithm */
	       der_expect(&body, TAG_SEQUENCE, &skipped) && /* issuer */
	       der_expect(&body, TAG_SEQUENCE, &validity) &&
	       der_take(&validity, tag, &skipped) && /* notBefore */
	       der_take(&validity, tag, end);
}

/* Of both spellings one: the one that time_parse knows. */
static enum err time_of(unsigned char tag, struct der time, int64_t *out)
{
	const char *digits = (const char *)time.at;
	const char *century = "";
	char text[TIME_TEXT_ROOM];
	const bool full = tag == TAG_FULL_TIME;
	const int year = full ? 4 : 2; /* digits */

	if ((!full && tag != TAG_UTC_TIME) ||
		time.len != (full ? FULL_LENGTH : UTC_LENGTH))
		return ERR_BAD_INPUT;
	/* a NUL stands behind all of it: see pem_read */
	if (strspn(digits, "0123456789") != time.len - 1 ||
		digits[time.len - 1] != 'Z')
		return ERR_BAD_INPUT;
	if (!full)
		century = (digits[0] - '0') * 10 + digits[1] - '0' < UTC_TURN
				  ? "20"
				  : "19";
	(void)snprintf(text, sizeof(text), "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
		century, year, digits, digits + year, digits + year + 2,
		digits + year + 4, digits + year + 6, digits + year + 8);
	return time_parse(text, out) == ERR_OK ? ERR_OK : ERR_BAD_INPUT;
}

/* The first block of a PEM file, with a NUL behind its bytes; ignores what
   stands before and behind it. */
static bool pem_read(struct arena *arena, const char *text, struct der *out)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *from = strstr(text, begin);
	const char *to = from ? strstr(from, end) : NULL;
	unsigned char *bytes;

	if (!to)
		return false;
	from += sizeof(begin) - 1;
	bytes = arena_alloc(arena, (size_t)(to - from) + 1);
	out->at = bytes;
	return sodium_base642bin(bytes, (size_t)(to - from), from,
		       (size_t)(to - from), "\r\n\t ", &out->len, NULL,
		       sodium_base64_VARIANT_ORIGINAL) == 0;
}

enum err certificate_end(struct arena *arena, const char *path, int64_t *out)
{
	struct der der = {.at = NULL};
	struct der end;
	unsigned char tag;
	char *text;
	size_t len;
	enum err err = file_read(arena, path, CERTIFICATE_LIMIT, &text, &len);

	if (err != ERR_OK)
		return err;
	if (!pem_read(arena, text, &der) || !find_end(der, &tag, &end))
		return ERR_BAD_INPUT;
	return time_of(tag, end, out);
}
