/*
 * E-mail through the operator's server. The text travels in base64, so that
 * nothing in it can be read as a line of the header or of SMTP. Must never
 * put what users named into a header.
 */
#include "notifier_private.h"

#include <sodium.h>

#include "clock.h"
#include "text.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	MAIL_ROOM = 16 << 10,
	ENCODED_ROOM = 8 << 10,
	LINE = 76,
	DATE_ROOM = 48
};

/* RFC 5322, section 3.3; UTC. */
static const char *mail_date(struct arena *arena, int64_t now)
{
	static const char *const weekdays[] = {
		"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const int64_t days = now / DAY_MS;
	const int64_t seconds = now % DAY_MS / 1000;
	const struct time_date date = time_date(days);

	return arena_format(arena, "%s, %02d %s %04d %02d:%02d:%02d +0000",
		weekdays[days % 7], date.day, months[date.month - 1],
		(int)date.year, (int)(seconds / 3600), (int)(seconds / 60 % 60),
		(int)(seconds % 60));
}

static void put_text(struct buf *mail, struct arena *arena, const char *text)
{
	char *encoded = arena_alloc(arena, ENCODED_ROOM);

	(void)sodium_bin2base64(encoded, ENCODED_ROOM,
		(const unsigned char *)text, strlen(text),
		sodium_base64_VARIANT_ORIGINAL);
	for (size_t len; *encoded; encoded += len) {
		len = strnlen(encoded, LINE);
		buf_add(mail, encoded, len);
		buf_text(mail, "\r\n");
	}
}

/* Of values that we made or checked, never of what users named. */
static void put_line(
	struct buf *mail, const char *name, const char *value, const char *end)
{
	buf_text(mail, name);
	buf_text(mail, value);
	buf_text(mail, end);
	buf_text(mail, "\r\n");
}

const char *notifier_mail_text(struct arena *arena, const char *from,
	const struct notify_message *message, int64_t now)
{
	const char *at = strchr(from, '@');
	struct buf mail;

	buf_init(&mail, arena, MAIL_ROOM);
	put_line(&mail, "Date: ", mail_date(arena, now), "");
	put_line(&mail, "From: Kontor <", from, ">");
	put_line(&mail, "To: <", message->address, ">");
	put_line(&mail, "Subject: Kontor: ", message->kind, "");
	put_line(&mail, "Message-ID: <",
		arena_format(
			arena, "%s%s", message->id, at ? at : "@localhost"),
		">");
	buf_text(&mail, "Auto-Submitted: auto-generated\r\n"
			"MIME-Version: 1.0\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\n");
	put_text(&mail, arena, message->body);
	return mail.data;
}

static void mail_outcome(struct arena *arena,
	const struct outbound_answer *answer, struct notify_outcome *out)
{
	out->why = answer->why;
	if (answer->sent != OUTBOUND_ANSWERED)
		return;
	out->sent = answer->status < 400;
	/* no such mailbox, not from here; but a sign-in that is refused is
	   the operator's to mend, and mail waits for it */
	out->final = answer->status == 550 || answer->status == 553;
	out->why =
		out->sent
			? ""
			: arena_format(arena,
				  "The mail server answered with the code %d.",
				  answer->status);
}

void notifier_mail(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out)
{
	const struct config *config = notifier->config;
	struct arena *arena = scope_arena(scope);
	struct outbound_relay relay;
	struct outbound_answer answer;
	const struct outbound_mail mail = {.from = config->smtp_from,
		.to = message->address,
		.message = notifier_mail_text(
			arena, config->smtp_from, message, clock_ms())};

	if (config->smtp_url[0] == '\0' ||
		outbound_relay_parse(arena, config->smtp_url,
			report_open(arena), &relay) != ERR_OK) {
		out->why = "E-mail is not set up on this server.";
		return;
	}
	if (config->smtp_user[0] != '\0') {
		relay.user = config->smtp_user;
		relay.password = config->smtp_password;
	}
	outbound_mail(notifier->ours, &relay, &mail, &answer);
	mail_outcome(arena, &answer, out);
}
