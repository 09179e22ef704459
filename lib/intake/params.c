/* params.c - the parameters of every program that looks at what comes in */

#include "intake/params.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/span.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "intake/strict.h"
#include "message/compose.h"
#include "message/header.h"

const struct checks_conf *
check_params_conf(struct arena *a, const struct check_params *params)
{
	struct checks_conf *c = arena_alloc(a, sizeof(*c));

	c->wanted[CHECK_HEADER] = params->header_checks[0] != '\0';
	c->wanted[CHECK_BODY] = params->body_checks[0] != '\0';
	if (!params->disable_mime_input_processing) {
		c->wanted[CHECK_MIME] = params->mime_header_checks[0] != '\0';
		c->wanted[CHECK_NESTED] =
		    params->nested_header_checks[0] != '\0';
		c->depth_max = (unsigned)params->mime_nesting_limit;
	}
	c->field_max = (size_t)params->header_size_limit;
	c->line_max = (size_t)params->line_length_limit;
	c->body_max = params->body_checks_size_limit;
	for (unsigned i = 0; i < CHECK_TABLES; i++)
		if (c->wanted[i])
			return c;
	return NULL;
}

/* One byte of text, behind a backslash what C means by it. */
static unsigned char
byte_take(struct span *text)
{
	static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
	int c = span_at(*text, 0);
	const char *letter;
	unsigned value = 0, n = 0;

	*text = span_skip(*text, 1);
	if (c != '\\' || text->n == 0)
		return (unsigned char)c;
	c = span_at(*text, 0);
	letter = c == 0 ? NULL : strchr(letters, c);
	while (n < 3 && span_at(*text, n) >= '0' && span_at(*text, n) <= '7')
		value = value * 8 + (unsigned)(span_at(*text, n++) - '0');
	*text = span_skip(*text, n > 0 ? n : 1);
	if (n > 0)
		return (unsigned char)value;
	return (unsigned char)(letter == NULL ? c : bytes[letter - letters]);
}

/* A line's end is not part of the line. */
static bool
set_fill(bool *set, const char *words)
{
	struct span rest = span_str(words);
	bool any = false;

	while (rest.n > 0) {
		unsigned char byte = byte_take(&rest);

		set[byte] = byte != '\n';
		any = true;
	}
	return any;
}

const struct content_bytes *
check_params_bytes(struct arena *a, const struct check_params *params)
{
	struct content_bytes *b = arena_alloc(a, sizeof(*b));
	bool reject = set_fill(b->reject, params->message_reject_characters);
	bool strip = set_fill(b->strip, params->message_strip_characters);

	return reject || strip ? b : NULL;
}

unsigned
check_params_strict(const struct check_params *p, bool utf8)
{
	unsigned out = 0;

	if ((p->strict_8bitmime || p->strict_7bit_headers) && !utf8)
		out |= STRICT_8BIT_HEADER;
	if (p->strict_8bitmime || p->strict_8bitmime_body)
		out |= STRICT_8BIT_BODY;
	if (p->strict_mime_encoding_domain)
		out |= STRICT_DOMAIN;
	return p->disable_mime_input_processing ? 0 : out;
}

void
check_params_undisclosed(
    const struct check_params *params, unsigned seen, struct compose *c)
{
	struct span value = span_str(params->undisclosed_recipients_header);
	struct buf name = BUF_EMPTY;
	struct span word;

	if (value.n == 0 || (seen & (HEADER_TO | HEADER_CC | HEADER_RESENT)))
		return;
	(void)span_cut(&value, ':', &word);
	buf_add_span(&name, word);
	value = span_trim(value);
	if (value.n == 0 || !compose_field_raw(c, buf_str(&name), value))
		log_warning("undisclosed_recipients_header = %s: no header "
			    "field",
		    params->undisclosed_recipients_header);
	buf_free(&name);
}
