/*
 * The fixed lines of the security and the limits stream. Their order is a
 * contract with ops/fail2ban: event and address stand before any text that
 * a user chose.
 */
#include "streams.h"

void streams_security(const struct streams *streams, enum log_level level,
	const struct security_note *note)
{
	if (!streams)
		return;
	log_line(&streams->security, level, note->event,
		LOG_FIELDS(LOG_TEXT("address", note->address),
			LOG_TEXT("user", note->user),
			LOG_TEXT("request_id", note->request_id),
			LOG_TEXT("detail", note->detail)));
}

void streams_limit(const struct streams *streams, const struct limit_note *note)
{
	if (!streams)
		return;
	log_line(&streams->limits, LOG_WARN, "rate.refused",
		LOG_FIELDS(LOG_TEXT("address", note->address),
			LOG_TEXT("rule", note->rule),
			LOG_TEXT("subject", note->subject),
			LOG_INT("retry_after_s", note->retry_after_s),
			LOG_TEXT("request_id", note->request_id)));
}

void streams_flush(const struct streams *streams)
{
	if (!streams)
		return;
	log_flush(&streams->access);
	log_flush(&streams->security);
	log_flush(&streams->limits);
}

void streams_close(struct streams *streams)
{
	log_close(&streams->access);
	log_close(&streams->security);
	log_close(&streams->limits);
}
