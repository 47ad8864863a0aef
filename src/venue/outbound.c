/*
 * libcurl under our rules, for requests and for mail. One handle, so connections are kept; every option
 * is set anew for each request. Must never let libcurl repeat a request (the
 * pre-request callback lets one through), reach an address that was not
 * checked (sockets are opened here), or copy a secret into memory of ours.
 */
#include "outbound.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "secret.h"
#include "text.h"

enum {
	CONNECT_MS = 5000,
	TOTAL_MS = 10000,
	BODY_LIMIT = 8 << 20,
	BODY_FIRST = 16 << 10,
	BODY_KEPT = 1 << 20, /* more is given back before the next request */
	HEADERS_LIMIT = 64 << 10,
	IDLE_S = 50,
	HEADER_ROOM = 24,
	HEADER_LINES = 8,
	MAIL_URL_ROOM = 640,
	REFUSED = 400, /* SMTP says no from here on */
	URL_LIMIT = 16 << 10
};

struct outbound {
	struct outbound_options options;
	CURL *handle;
	char *body;
	size_t body_len, body_room;
	/* of the request under way */
	bool loopback;
	bool refused_address;
	bool too_large;
	int starts; /* how often libcurl was about to send it */
	size_t header_bytes;
	struct outbound_answer *answer;
};

/* ---- callbacks ------------------------------------------------------------- */

static curl_socket_t open_socket(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct outbound *outbound = context;

	(void)purpose;
	if (!outbound->loopback &&
		!outbound_address_is_public(&address->addr)) {
		outbound->refused_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		address->protocol);
}

/* Called before each attempt on a connection: the second would be a request
   sent twice. (The type is libcurl's.) */
/* NOLINTNEXTLINE(readability-non-const-parameter) */
static int before_request(void *context, char *primary, char *local,
	int primary_port, int local_port)
{
	struct outbound *outbound = context;

	(void)primary;
	(void)local;
	(void)primary_port;
	(void)local_port;
	return outbound->starts++ == 0 ? CURL_PREREQFUNC_OK
				       : CURL_PREREQFUNC_ABORT;
}

static bool has_room(struct outbound *outbound, size_t more)
{
	size_t wanted = outbound->body_len + more;
	size_t room = outbound->body_room ? outbound->body_room : BODY_FIRST;
	char *grown;

	if (wanted > outbound->options.body_limit)
		return false;
	while (room < wanted)
		room *= 2;
	if (room == outbound->body_room)
		return true;
	grown = realloc(outbound->body, room);
	if (!grown)
		return false;
	outbound->body = grown;
	outbound->body_room = room;
	return true;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct outbound *outbound = context;
	size_t len = size * count;

	if (!has_room(outbound, len)) {
		outbound->too_large = true;
		return 0;
	}
	memcpy(outbound->body + outbound->body_len, bytes, len);
	outbound->body_len += len;
	return len;
}

/* The number in "Name: 123" when the line is of that name. */
static void read_header(
	const char *line, size_t len, const char *name, int64_t *out)
{
	char digits[HEADER_ROOM];
	size_t name_len = strlen(name);
	int64_t value;

	if (len <= name_len || strncasecmp(line, name, name_len) != 0)
		return;
	line += name_len;
	len -= name_len;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' ||
				  line[len - 1] == ' '))
		len--;
	if (len == 0 || len >= sizeof(digits))
		return;
	memcpy(digits, line, len);
	digits[len] = '\0';
	if (text_integer(digits, &value) && value >= 0)
		*out = value;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct outbound *outbound = context;
	struct outbound_answer *answer = outbound->answer;
	size_t len = size * count;

	outbound->header_bytes += len;
	if (outbound->header_bytes > HEADERS_LIMIT) {
		outbound->too_large = true;
		return 0;
	}
	read_header(bytes, len, "Retry-After:", &answer->retry_after_s);
	read_header(bytes, len, "X-MBX-USED-WEIGHT-1M:", &answer->weight_1m);
	read_header(bytes, len, "X-MBX-ORDER-COUNT-10S:", &answer->orders_10s);
	read_header(bytes, len, "X-MBX-ORDER-COUNT-1D:", &answer->orders_day);
	return len;
}

/* ---- opening ---------------------------------------------------------------- */

enum err outbound_open(struct arena *arena,
	const struct outbound_options *options, struct outbound **out)
{
	struct outbound *outbound = arena_alloc(arena, sizeof(*outbound));

	outbound->options = *options;
	if (!outbound->options.connect_ms)
		outbound->options.connect_ms = CONNECT_MS;
	if (!outbound->options.total_ms)
		outbound->options.total_ms = TOTAL_MS;
	if (!outbound->options.body_limit)
		outbound->options.body_limit = BODY_LIMIT;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ERR_UNAVAILABLE;
	outbound->handle = curl_easy_init();
	if (!outbound->handle) {
		curl_global_cleanup();
		return ERR_UNAVAILABLE;
	}
	*out = outbound;
	return ERR_OK;
}

void outbound_close(struct outbound **outbound)
{
	if (!*outbound)
		return;
	curl_easy_cleanup((*outbound)->handle);
	curl_global_cleanup();
	free((*outbound)->body);
	(*outbound)->body = NULL;
	*outbound = NULL;
}

/* ---- the base URL ------------------------------------------------------------ */

static bool is_host(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= 253 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len &&
	       host[0] != '.' && host[0] != '-';
}

static bool is_port(const char *port)
{
	int64_t number;

	return text_integer(port, &number) && number >= 1 && number <= 65535;
}

/* "host[:port]" or "[::1][:port]": false when it is neither. */
static bool split_place(
	struct arena *arena, const char *place, struct outbound_base *out)
{
	const char *end = place + strcspn(place, ":");

	if (text_starts(place, "[::1]")) {
		out->host = "::1";
		out->loopback = true;
		end = place + strlen("[::1]");
	} else {
		out->host = arena_copy(arena, place, (size_t)(end - place));
		out->loopback = text_equal(out->host, "127.0.0.1");
		if (!is_host(out->host))
			return false;
	}
	return *end == '\0' || (*end == ':' && is_port(end + 1));
}

static bool is_listed(const struct outbound *outbound, const char *host)
{
	const char *const *hosts = outbound->options.hosts;

	for (size_t i = 0; hosts && hosts[i]; i++)
		if (text_equal(hosts[i], host))
			return true;
	return false;
}

enum err outbound_base_parse(struct arena *arena,
	const struct outbound *outbound, const char *url, struct report *report,
	struct outbound_base *out)
{
	struct outbound_base base = {.url = arena_text(arena, url)};
	const char *place = url;

	base.plain = text_starts(url, "http://");
	if (!base.plain && !text_starts(url, "https://")) {
		report_detail(report, "The exchange's address must begin with "
				      "https://.");
		return ERR_BAD_INPUT;
	}
	place += strlen(base.plain ? "http://" : "https://");
	if (!split_place(arena, place, &base)) {
		report_detail(report, "The exchange's address must be "
				      "https://host or https://host:port.");
		return ERR_BAD_INPUT;
	}
	if (base.plain && !base.loopback) {
		report_detail(report, "Plain HTTP is for 127.0.0.1 alone.");
		return ERR_BAD_INPUT;
	}
	if (base.loopback ? !outbound->options.loopback
			  : !outbound->options.any_host &&
				    !is_listed(outbound, base.host)) {
		report_detail(report,
			"The host %s is not on the list of hosts that may be "
			"asked.",
			base.host);
		return ERR_BAD_INPUT;
	}
	*out = base;
	return ERR_OK;
}

/* ---- one request --------------------------------------------------------------- */

/* Whatever cannot be set makes the request unsendable, so one flag holds. */
#define SET(option, value) \
	(good = good && curl_easy_setopt(handle, option, value) == CURLE_OK)

static bool set_rules(struct outbound *outbound, const char *scheme)
{
	CURL *handle = outbound->handle;
	bool good = true;

	SET(CURLOPT_PROTOCOLS_STR, scheme);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (outbound->options.ca_file)
		SET(CURLOPT_CAINFO, outbound->options.ca_file);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)outbound->options.connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)outbound->options.total_ms);
	SET(CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	SET(CURLOPT_MAXCONNECTS, 4L);
	return good;
}

static bool set_callbacks(struct outbound *outbound)
{
	CURL *handle = outbound->handle;
	bool good = true;

	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, outbound);
	SET(CURLOPT_PREREQFUNCTION, before_request);
	SET(CURLOPT_PREREQDATA, outbound);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, outbound);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, outbound);
	return good;
}

/* libcurl copies the URL, and neither the body nor the header. */
static bool set_request(struct outbound *outbound,
	const struct outbound_request *request, const char *url,
	struct curl_slist *headers)
{
	CURL *handle = outbound->handle;
	bool good = true;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_USERAGENT, "kontor");
	if (request->body) {
		SET(CURLOPT_POSTFIELDS, request->body);
		SET(CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
	}
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	return good;
}

static bool write_url(const struct outbound_request *request, char *url)
{
	const char *parts[] = {request->base->url, request->path,
		request->query ? "?" : "",
		request->query ? request->query : ""};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t more = strlen(parts[i]);

		if (more >= URL_LIMIT - len)
			return false;
		memcpy(url + len, parts[i], more);
		len += more;
	}
	url[len] = '\0';
	return true;
}

static void start(struct outbound *outbound, bool loopback,
	struct outbound_answer *answer)
{
	if (outbound->body_room > BODY_KEPT) {
		free(outbound->body);
		outbound->body = NULL;
		outbound->body_room = 0;
	}
	outbound->body_len = 0;
	outbound->header_bytes = 0;
	outbound->starts = 0;
	outbound->too_large = false;
	outbound->refused_address = false;
	outbound->loopback = loopback;
	outbound->answer = answer;
	*answer = (struct outbound_answer){.sent = OUTBOUND_NOT_SENT,
		.why = "The request could not be made.",
		.retry_after_s = -1,
		.weight_1m = -1,
		.orders_10s = -1,
		.orders_day = -1};
}

/* Constant words of ours: libcurl's own may hold parts of the answer. */
static const char *say(const struct outbound *outbound, CURLcode code)
{
	if (outbound->refused_address)
		return "The host's address is not a public one.";
	if (outbound->too_large)
		return "The answer was too large.";
	if (outbound->starts > 1)
		return "The kept connection was closed.";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "There was no answer in time.";
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "The host's name was not found.";
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return "The host's certificate was not accepted.";
	if (outbound->starts == 0)
		return "There was no connection.";
	return "The connection broke.";
}

static void finish(struct outbound *outbound, CURLcode code)
{
	struct outbound_answer *answer = outbound->answer;
	long status = 0;

	if (code != CURLE_OK) {
		answer->sent =
			outbound->starts ? OUTBOUND_BROKEN : OUTBOUND_NOT_SENT;
		answer->timed_out = code == CURLE_OPERATION_TIMEDOUT;
		answer->why = say(outbound, code);
		return;
	}
	(void)curl_easy_getinfo(
		outbound->handle, CURLINFO_RESPONSE_CODE, &status);
	answer->sent = OUTBOUND_ANSWERED;
	answer->why = "";
	answer->status = (int)status;
	answer->body =
		(struct bytes){.data = (const unsigned char *)outbound->body,
			.len = outbound->body_len};
}

/* Behind the first line. All are the caller's: libcurl copies none of them, and
   the list stands on a stack. */
static bool set_headers(const struct outbound_request *request,
	struct curl_slist list[HEADER_LINES])
{
	size_t count = 1;

	if (request->secret_header)
		memcpy(&list[count++].data, &request->secret_header,
			sizeof(list->data));
	for (size_t i = 0; request->headers && request->headers[i]; i++) {
		if (count == HEADER_LINES)
			return false;
		memcpy(&list[count++].data, &request->headers[i],
			sizeof(list->data));
	}
	for (size_t i = 1; i < count; i++)
		list[i - 1].next = &list[i];
	return true;
}

void outbound_ask(struct outbound *outbound,
	const struct outbound_request *request, struct outbound_answer *out)
{
	const char *scheme = request->base->plain ? "http" : "https";
	/* "Expect:" without a value: libcurl adds no such header */
	struct curl_slist headers[HEADER_LINES] = {
		{.data = (char[]){"Expect:"}}};
	char url[URL_LIMIT];

	start(outbound, request->base->loopback, out);
	/* keeps connections and the TLS session */
	curl_easy_reset(outbound->handle);
	if (set_headers(request, headers) && write_url(request, url) &&
		set_rules(outbound, scheme) && set_callbacks(outbound) &&
		set_request(outbound, request, url, headers))
		finish(outbound, curl_easy_perform(outbound->handle));
	/* nothing of the request stays behind: the list stood on this stack,
	   and a path may hold a token */
	curl_easy_reset(outbound->handle);
	secret_wipe(url, sizeof(url));
	outbound->answer = NULL;
}

/* ---- one mail --------------------------------------------------------------------- */

/* Where libcurl reads from, a part at a time. */
struct reading {
	const char *at;
	size_t left;
};

static size_t give(char *room, size_t size, size_t count, void *context)
{
	struct reading *reading = context;
	size_t len = size * count;

	if (len > reading->left)
		len = reading->left;
	memcpy(room, reading->at, len);
	reading->at += len;
	reading->left -= len;
	return len;
}

static bool set_relay(
	struct outbound *outbound, const struct outbound_relay *relay)
{
	CURL *handle = outbound->handle;
	bool good = true;

	if (relay->starttls)
		SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (relay->user && relay->password) {
		SET(CURLOPT_USERNAME, relay->user);
		SET(CURLOPT_PASSWORD, relay->password);
	}
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	return good;
}

/* The name that we greet with is the sender's domain: this machine's own is
   nobody's business. */
static bool set_mail(struct outbound *outbound,
	const struct outbound_relay *relay, const struct outbound_mail *mail,
	struct reading *reading)
{
	CURL *handle = outbound->handle;
	const char *domain = strchr(mail->from, '@') + 1;
	char url[MAIL_URL_ROOM], from[OUTBOUND_MAIL_ROOM];
	const int len = snprintf(url, sizeof(url), "%s://%s:%d/%s",
		relay->tls ? "smtps" : "smtp", relay->host, (int)relay->port,
		domain);
	bool good = len > 0 && (size_t)len < sizeof(url) &&
		    snprintf(from, sizeof(from), "<%s>", mail->from) > 0;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_MAIL_FROM, from);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give);
	SET(CURLOPT_READDATA, reading);
	return good;
}

/* An answer that says no is an answer, though libcurl calls it an error. */
static void take_no(struct outbound *outbound, CURLcode code)
{
	struct outbound_answer *answer = outbound->answer;
	long status = 0;

	finish(outbound, code);
	(void)curl_easy_getinfo(
		outbound->handle, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK || status < REFUSED || outbound->too_large)
		return;
	answer->sent = OUTBOUND_ANSWERED;
	answer->status = (int)status;
	answer->why = "";
}

void outbound_mail(struct outbound *outbound,
	const struct outbound_relay *relay, const struct outbound_mail *mail,
	struct outbound_answer *out)
{
	struct reading reading = {mail->message, strlen(mail->message)};
	char to[OUTBOUND_MAIL_ROOM];
	struct curl_slist recipient = {.data = to};
	CURL *handle = outbound->handle;
	bool good = outbound_is_mail(mail->from) && outbound_is_mail(mail->to);

	start(outbound, relay->loopback, out);
	curl_easy_reset(outbound->handle);
	if (!good)
		return;
	(void)snprintf(to, sizeof(to), "<%s>", mail->to);
	good = set_rules(outbound, relay->tls ? "smtps" : "smtp") &&
	       set_callbacks(outbound) && set_relay(outbound, relay) &&
	       set_mail(outbound, relay, mail, &reading);
	SET(CURLOPT_MAIL_RCPT, &recipient);
	if (good)
		take_no(outbound, curl_easy_perform(outbound->handle));
	curl_easy_reset(outbound->handle);
	outbound->answer = NULL;
}
