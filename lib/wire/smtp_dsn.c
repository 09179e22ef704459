/*
 * smtp_dsn.c - the parameters of DSN (RFC 3461, 4.1 and 4.2) as a client says
 * them
 */

#include "wire/smtp_dsn.h"

#include "base/buf.h"
#include "wire/smtp_command.h"

void
smtp_notify_put(struct buf *out, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ SMTP_NOTIFY_NEVER, "NEVER" },
		{ SMTP_NOTIFY_SUCCESS, "SUCCESS" },
		{ SMTP_NOTIFY_FAILURE, "FAILURE" },
		{ SMTP_NOTIFY_DELAY, "DELAY" },
	};
	const char *gap = " NOTIFY=";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((notify & words[i].bit) == 0)
			continue;
		buf_printf(out, "%s%s", gap, words[i].word);
		gap = ",";
	}
}

void
smtp_orcpt_put(struct buf *out, struct span orcpt, bool utf8)
{
	size_t semicolon = span_find(orcpt, ';');
	struct span type = span_head(orcpt, semicolon);
	struct span address = span_skip(orcpt, semicolon + 1);

	if (semicolon == orcpt.n)
		return;
	buf_add_str(out, " ORCPT=");
	smtp_xtext_encode(out, type);
	buf_add_byte(out, ';');
	if (span_iis(type, "utf-8"))
		smtp_unitext_encode(out, address, utf8);
	else
		smtp_xtext_encode(out, address);
}
