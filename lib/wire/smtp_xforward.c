/*
 * smtp_xforward.c - XFORWARD as a client says it
 *
 * A line is no longer than any other of SMTP (RFC 5321, 4.5.3.1.4), so there
 * may be several; the server adds them up.
 */

#include "wire/smtp_xforward.h"

#include "base/buf.h"
#include "wire/smtp_command.h"

enum {
	LINE_MAX_BYTES = 510,
	VALUE_MAX = 140, /* before xtext, which may make three octets of one */
	ATTRIBUTES = 6
};

static void
put_value(struct buf *out, unsigned bit, struct span value)
{
	if (bit == SMTP_XFORWARD_ADDR && span_find(value, ':') < value.n)
		buf_add_str(out, "IPv6:");
	if (value.n == 0)
		value = SPAN("[UNAVAILABLE]");
	smtp_xtext_encode(out, span_head(value, VALUE_MAX));
}

void
smtp_xforward_line(
    struct buf *out, unsigned *left, const struct smtp_xforward_values *v)
{
	const struct {
		unsigned bit;
		const char *name;
		struct span value;
	} attributes[ATTRIBUTES] = {
		{ SMTP_XFORWARD_NAME, "NAME", v->name },
		{ SMTP_XFORWARD_ADDR, "ADDR", v->addr },
		{ SMTP_XFORWARD_PROTO, "PROTO", v->proto },
		{ SMTP_XFORWARD_HELO, "HELO", v->helo },
		{ SMTP_XFORWARD_IDENT, "IDENT", v->ident },
		{ SMTP_XFORWARD_SOURCE, "SOURCE", v->source },
	};
	size_t begun = out->n;

	buf_add_str(out, "XFORWARD");
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		size_t before = out->n;

		if ((*left & attributes[i].bit) == 0)
			continue;
		buf_printf(out, " %s=", attributes[i].name);
		put_value(out, attributes[i].bit, attributes[i].value);
		if (out->n - begun > LINE_MAX_BYTES) {
			buf_cut(out, before);
			break;
		}
		*left &= ~attributes[i].bit;
	}
	buf_add_str(out, "\r\n");
}
