/*
 * Messages over real sockets, to the stand-in: what goes over the line, and
 * what each way of failing becomes for the user. Addresses that are not
 * public are never reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channels.h"
#include "domain_world.h"
#include "notifier.h"
#include "notify_kit.h"
#include "settings.h"
#include "vault.h"
#include "vault_keys.h"

#define TOKEN "123:AA-bb_cc"
#define CHAT "-100200"

struct post {
	struct world *w;
	struct receiver *receiver;
	struct config config;
	struct notifier notifier;
	struct vault *vault;
	const char *webhook_id;
};

static void set_telegram(struct post *p, const char *token, const char *chat)
{
	const struct settings_patch patch = {
		.telegram_token = {PATCH_SET, token},
		.telegram_chat_id = {PATCH_SET, chat}};
	struct settings settings;

	assert_int_equal(
		settings_update(world_alice(p->w), p->vault, &patch, &settings),
		ERR_OK);
}

static void set_webhook(struct post *p, const char *url)
{
	const struct notify_limits limits = {
		.channels = 100, .webhook_hosts = p->config.webhook_hosts};
	const struct channel_new in = {
		.kind = "webhook", .url = url, .enabled = true};
	struct channel_view view;

	assert_int_equal(channel_create(world_alice(p->w), p->vault, &limits,
				 &in, &view),
		ERR_OK);
	p->webhook_id = view.id;
	(void)receiver_do(p->receiver, p->w->arena,
		arena_format(p->w->arena,
			"{\"op\":\"hook\",\"path\":\"/in\",\"key\":\"%s\"}",
			view.key));
}

static int post_open(void **state)
{
	struct post *p = calloc(1, sizeof(*p));
	struct receiver *receiver = *state;
	void *world = NULL;
	struct arena *arena;

	assert_non_null(p);
	assert_int_equal(world_open(&world), 0);
	p->w = world;
	p->receiver = receiver;
	arena = p->w->arena;
	assert_int_equal(
		file_folder(
			config_key_folder(
				&(struct config){.data_folder = p->w->folder},
				arena),
			0700),
		ERR_OK);
	p->config = (struct config){.data_folder = p->w->folder,
		.telegram_url = arena_format(
			arena, "http://127.0.0.1:%d", (int)receiver->port),
		.smtp_url = arena_format(
			arena, "smtp://127.0.0.1:%d", (int)receiver->smtp),
		.smtp_from = "kontor@example.org",
		.smtp_user = "",
		.smtp_password = "",
		.webhook_hosts = "127.0.0.1,localhost"};
	assert_int_equal(
		vault_keys_create(arena, config_key_folder(&p->config, arena)),
		ERR_OK);
	assert_int_equal(vault_open(arena, config_key_folder(&p->config, arena),
				 &p->vault),
		ERR_OK);
	assert_int_equal(notifier_open(&p->config, arena, world_report(p->w),
				 &p->notifier),
		ERR_OK);
	(void)receiver_do(receiver, arena, "{\"op\":\"clear\"}");
	(void)receiver_do(receiver, arena,
		"{\"op\":\"bot\",\"token\":\"" TOKEN "\",\"chat\":\"" CHAT
		"\"}");
	(void)receiver_do(receiver, arena, "{\"op\":\"mail\"}");
	*state = p;
	return 0;
}

static int post_close(void **state)
{
	struct post *p = *state;
	void *world = p->w;

	notifier_close(&p->notifier);
	*state = p->receiver;
	free(p);
	return world_close(&world);
}

static struct notify_outcome send_it(struct post *p, const char *kind)
{
	const struct notify_message message = {.id = "01message",
		.channel_id = p->webhook_id,
		.channel_kind = kind,
		.kind = "fill",
		.body = "Bought 1 BTC\nund \xc3\xbc <b>&amp;\"",
		.address = "alice@example.org",
		.attempts = 1,
		.created_at = world_now};
	struct notify_outcome outcome;

	notifier_send(&p->notifier, world_alice(p->w), &message, &outcome);
	return outcome;
}

static void plan(struct post *p, const char *what, const char *how)
{
	(void)receiver_do(p->receiver, p->w->arena,
		arena_format(p->w->arena,
			"{\"op\":\"plan\",\"what\":\"%s\",\"do\":%s}", what,
			how));
}

/* How many it took, having found no fault with any. */
static int64_t taken(struct post *p, const char *what)
{
	const struct json *seen =
		receiver_do(p->receiver, p->w->arena, "{\"op\":\"seen\"}");

	if (json_member(seen, "faults")->count > 0)
		fail_msg("%s", p->receiver->line);
	return (int64_t)json_member(seen, what)->count;
}

static void expect(struct notify_outcome outcome, bool final, const char *why)
{
	assert_false(outcome.sent);
	if (!strstr(outcome.why, why))
		fail_msg("%s", outcome.why);
	assert_int_equal(outcome.final, final);
	assert_null(strstr(outcome.why, "secret"));
	assert_null(strstr(outcome.why, TOKEN));
}

/* ---- Telegram ------------------------------------------------------------------- */

static void telegram_is_told(void **state)
{
	struct post *p = *state;

	expect(send_it(p, "telegram"), true, "no Telegram token");
	set_telegram(p, TOKEN, CHAT);
	assert_true(send_it(p, "telegram").sent);
	assert_int_equal(taken(p, "telegram"), 1);
	assert_non_null(strstr(p->receiver->line, "und \xc3\xbc <b>&amp;"));
}

static void telegrams_refusals_are_told_in_words(void **state)
{
	struct post *p = *state;

	set_telegram(p, TOKEN, "7");
	expect(send_it(p, "telegram"), true, "does not know the chat");
	set_telegram(p, "123:wrong", CHAT);
	expect(send_it(p, "telegram"), true, "does not know the bot's token");
	set_telegram(p, "../../etc", CHAT);
	expect(send_it(p, "telegram"), true, "token is none");
	set_telegram(p, TOKEN, CHAT);
	plan(p, "telegram", "403");
	expect(send_it(p, "telegram"), true, "may not write to this chat");
	plan(p, "telegram", "500");
	expect(send_it(p, "telegram"), false, "status 500");
	plan(p, "telegram", "\"drop\"");
	/* kept from before, or new */
	expect(send_it(p, "telegram"), false, "connection");
	plan(p, "telegram", "\"huge\"");
	expect(send_it(p, "telegram"), false, "too large");
	plan(p, "telegram", "\"redirect\"");
	expect(send_it(p, "telegram"), false, "status 302");
	plan(p, "telegram", "\"flood\"");
	assert_int_equal(send_it(p, "telegram").retry_after_ms, 7000);
	assert_true(send_it(p, "telegram").sent);
	assert_int_equal(taken(p, "telegram"), 1);
}

/* ---- webhooks -------------------------------------------------------------------- */

static void a_webhook_is_signed(void **state)
{
	struct post *p = *state;

	set_webhook(p, arena_format(p->w->arena, "http://127.0.0.1:%d/in",
			       (int)p->receiver->port));
	assert_true(send_it(p, "webhook").sent);
	assert_int_equal(taken(p, "webhook"), 1);
	plan(p, "webhook", "204");
	assert_true(send_it(p, "webhook").sent);
	plan(p, "webhook", "410");
	expect(send_it(p, "webhook"), true, "status 410");
	plan(p, "webhook", "404");
	expect(send_it(p, "webhook"), false, "status 404");
	plan(p, "webhook", "\"redirect\"");
	expect(send_it(p, "webhook"), false, "status 302");
}

/* A name that leads inside, and a host that is not allowed any more. */
static void inside_is_never_called(void **state)
{
	struct post *p = *state;

	set_webhook(p, "https://localhost/in");
	expect(send_it(p, "webhook"), false, "not a public one");
	set_webhook(p, arena_format(p->w->arena, "http://127.0.0.1:%d/in",
			       (int)p->receiver->port));
	p->config.webhook_hosts = "";
	expect(send_it(p, "webhook"), true, "does not call that host");
	p->config.webhook_hosts = "none";
	expect(send_it(p, "webhook"), true, "does not call that host");
	assert_int_equal(taken(p, "webhook"), 0);
}

/* ---- mail ------------------------------------------------------------------------- */

static void mail_is_plain_and_whole(void **state)
{
	struct post *p = *state;
	const struct json *mail;

	assert_true(send_it(p, "email").sent);
	assert_int_equal(taken(p, "mails"), 1);
	mail = json_member(
		receiver_do(p->receiver, p->w->arena, "{\"op\":\"seen\"}"),
		"mails")
		       ->first;
	assert_string_equal(json_member(mail, "text")->text,
		"Bought 1 BTC\nund \xc3\xbc <b>&amp;\"");
	assert_string_equal(
		json_member(mail, "from")->text, "kontor@example.org");
	assert_string_equal(
		json_member(json_member(mail, "header"), "Subject")->text,
		"Kontor: fill");
	assert_string_equal(
		json_member(json_member(mail, "header"), "Message-ID")->text,
		"<01message@example.org>");
}

static void a_mail_server_that_refuses_is_told_in_words(void **state)
{
	struct post *p = *state;

	plan(p, "smtp", "550");
	expect(send_it(p, "email"), true, "code 550");
	plan(p, "smtp", "451");
	expect(send_it(p, "email"), false, "code 451");
	plan(p, "smtp", "\"drop\"");
	expect(send_it(p, "email"), false, "connection broke");
	p->config.smtp_url = "";
	expect(send_it(p, "email"), false, "not set up");
	assert_int_equal(taken(p, "mails"), 0);
}

static void the_server_may_ask_for_a_sign_in(void **state)
{
	struct post *p = *state;

	(void)receiver_do(p->receiver, p->w->arena,
		"{\"op\":\"mail\",\"user\":\"me\",\"password\":\"secret\"}");
	expect(send_it(p, "email"), false, "code 530");
	p->config.smtp_user = "me";
	p->config.smtp_password = "other";
	expect(send_it(p, "email"), false, "535");
	p->config.smtp_password = "secret";
	assert_true(send_it(p, "email").sent);
}

static void relays_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {"", "mail.example.org",
		"http://mail.example.org", "smtp://", "smtp://MAIL",
		"smtp://user@mail.example.org", "smtp://mail.example.org/x",
		"smtp://mail.example.org:0", "smtp://mail.example.org:x",
		"smtps://[::1]"};
	struct post *p = *state;
	struct outbound_relay relay;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(outbound_relay_parse(p->w->arena, bad[i],
					 world_report(p->w), &relay),
			ERR_BAD_INPUT);
	assert_int_equal(
		outbound_relay_parse(p->w->arena, "smtp://mail.example.org",
			world_report(p->w), &relay),
		ERR_OK);
	assert_true(relay.starttls && !relay.tls && !relay.loopback);
	assert_int_equal(relay.port, 587);
	assert_int_equal(
		outbound_relay_parse(p->w->arena, "smtps://mail.example.org",
			world_report(p->w), &relay),
		ERR_OK);
	assert_true(relay.tls && !relay.starttls);
	assert_int_equal(relay.port, 465);
}

/* ---- TLS of the mail server ---------------------------------------------------------- */

static const char message[] = "Subject: x\r\nContent-Transfer-Encoding:"
			      " base64\r\n\r\nYQ==\r\n";
static const struct outbound_mail mail = {
	"kontor@example.org", "alice@example.org", message};

/* A certificate of 127.0.0.1, made for this test. */
static const char *make_certificate(struct post *p)
{
	const char *folder = p->w->folder;
	const char *command = arena_format(p->w->arena,
		"openssl req -x509 -newkey ec -pkeyopt "
		"ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x "
		"-addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem -out "
		"%s/cert.pem 2>/dev/null",
		folder, folder);

	/* NOLINTNEXTLINE(cert-env33-c) */
	assert_int_equal(system(command), 0);
	(void)receiver_do(p->receiver, p->w->arena,
		arena_format(p->w->arena,
			"{\"op\":\"mail\",\"tls\":{\"cert\":\"%s/cert.pem\","
			"\"key\":\"%s/key.pem\"}}",
			folder, folder));
	return arena_format(p->w->arena, "%s/cert.pem", folder);
}

static struct outbound_answer send_tls(struct post *p, const char *ca_file)
{
	const struct outbound_options options = {
		.loopback = true, .ca_file = ca_file};
	const struct outbound_relay relay = {.host = "127.0.0.1",
		.port = p->receiver->smtp,
		.loopback = true,
		.starttls = true};
	struct outbound *outbound;
	struct outbound_answer answer;

	assert_int_equal(
		outbound_open(p->w->arena, &options, &outbound), ERR_OK);
	outbound_mail(outbound, &relay, &mail, &answer);
	outbound_close(&outbound);
	return answer;
}

static void mail_goes_out_encrypted_or_not_at_all(void **state)
{
	struct post *p = *state;
	const char *certificate = make_certificate(p);

	assert_int_equal(send_tls(p, certificate).status, 250);
	assert_int_equal(taken(p, "mails"), 1);
	assert_non_null(strstr(p->receiver->line, "\"secure\":true"));
	/* a certificate that nobody vouches for */
	assert_int_equal(send_tls(p, NULL).sent, OUTBOUND_NOT_SENT);
	/* and a server that has been made to forget STARTTLS */
	plan(p, "smtp-starttls", "\"nostarttls\"");
	assert_int_equal(send_tls(p, certificate).sent, OUTBOUND_NOT_SENT);
	assert_int_equal(taken(p, "mails"), 1);
}

static void what_is_no_address_is_not_sent(void **state)
{
	static const char *const bad[] = {"alice", "<alice@example.org>",
		"alice@example.org> SIZE=1", "a@b\r\nRCPT TO:<c@d>", ""};
	struct post *p = *state;
	const struct outbound_relay relay = {.host = "127.0.0.1",
		.port = p->receiver->smtp,
		.loopback = true};
	struct outbound_answer answer;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct outbound_mail wrong = {
			"kontor@example.org", bad[i], message};

		outbound_mail(p->notifier.ours, &relay, &wrong, &answer);
		assert_int_equal(answer.sent, OUTBOUND_NOT_SENT);
	}
	assert_int_equal(taken(p, "mails"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, post_open, post_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(telegram_is_told),
		TEST(telegrams_refusals_are_told_in_words),
		TEST(a_webhook_is_signed),
		TEST(inside_is_never_called),
		TEST(mail_is_plain_and_whole),
		TEST(a_mail_server_that_refuses_is_told_in_words),
		TEST(the_server_may_ask_for_a_sign_in),
		TEST(relays_are_parsed_strictly),
		TEST(mail_goes_out_encrypted_or_not_at_all),
		TEST(what_is_no_address_is_not_sent),
	};

	return cmocka_run_group_tests(tests, receiver_start, receiver_stop);
}
