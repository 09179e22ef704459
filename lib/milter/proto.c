/*
 * proto.c - the packets between a mail server and its milters
 */

#include "milter/proto.h"

#include <string.h>

#include "base/buf.h"
#include "base/number.h"

enum { TEXT_MAX = 900, STATUS_MAX = 11 };

size_t
milter_begin(struct buf *out, enum milter_command command)
{
	size_t place = out->n;

	milter_put_number(out, 0);
	buf_add_byte(out, (char)command);
	return place;
}

void
milter_end(struct buf *out, size_t place)
{
	uint32_t n = (uint32_t)(out->n - place - 4);

	for (unsigned i = 0; i < 4; i++)
		out->p[place + i] = (char)(n >> (24 - 8 * i) & 0xff);
}

void
milter_put_number(struct buf *out, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		buf_add_byte(out, (char)(value >> (24 - 8 * i) & 0xff));
}

void
milter_put_string(struct buf *out, struct span text)
{
	buf_add_span(out, span_head(text, span_find(text, '\0')));
	buf_add_byte(out, '\0');
}

void
milter_put_connect(struct buf *out, struct span host, int family, unsigned port,
    struct span address)
{
	size_t place = milter_begin(out, MILTER_CONNECT);

	milter_put_string(out, host);
	buf_add_byte(out, family == 4 ? '4' : family == 6 ? '6' : 'U');
	if (family != 0) {
		buf_add_byte(out, (char)(port >> 8 & 0xff));
		buf_add_byte(out, (char)(port & 0xff));
		milter_put_string(out, address);
	}
	milter_end(out, place);
}

static bool
number_take(struct span *s, uint32_t *out)
{
	*out = 0;
	if (s->n < 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		*out = *out << 8 | (unsigned char)s->p[i];
	*s = span_skip(*s, 4);
	return true;
}

static bool
string_take(struct span *s, struct span *out)
{
	size_t end = span_find(*s, '\0');

	if (end == s->n)
		return false;
	*out = span_head(*s, end);
	*s = span_skip(*s, end + 1);
	return true;
}

enum milter_read
milter_next(struct span in, struct span *packet)
{
	uint32_t n;

	if (!number_take(&in, &n))
		return MILTER_MORE;
	if (n == 0 || n > MILTER_PACKET_MAX)
		return MILTER_BAD;
	*packet = span_head(in, n);
	return in.n < n ? MILTER_MORE : MILTER_PACKET;
}

/* Version 6 may name macros behind the three numbers. */
static bool
options_read(struct span data, struct milter_options *out)
{
	uint32_t version, stage;

	if (!number_take(&data, &version) ||
	    !number_take(&data, &out->actions) ||
	    !number_take(&data, &out->protocol))
		return false;
	out->version = version;
	while (data.n > 0) {
		struct span list;

		if (!number_take(&data, &stage) || !string_take(&data, &list))
			return false;
		if (stage >= MILTER_STAGES)
			continue;
		out->has_macros[stage] = true;
		out->macros[stage] = list;
	}
	return true;
}

static bool
header_read(struct span data, bool numbered, struct milter_message *out)
{
	return (!numbered || number_take(&data, &out->index)) &&
	    string_take(&data, &out->name) && string_take(&data, &out->value) &&
	    data.n == 0;
}

bool
milter_read(struct span packet, struct milter_message *out)
{
	struct span data = span_skip(packet, 1);

	*out = (struct milter_message){ .index = 0 };
	if (packet.n == 0)
		return false;
	out->answer = (enum milter_answer)(unsigned char)packet.p[0];
	switch (out->answer) {
	case MILTER_SHUTDOWN:
	case MILTER_ACCEPT:
	case MILTER_CONTINUE:
	case MILTER_DISCARD:
	case MILTER_FAIL:
	case MILTER_PROGRESS:
	case MILTER_REJECT:
	case MILTER_SKIP:
	case MILTER_TEMPFAIL:
		return true;
	case MILTER_NEGOTIATE:
		return options_read(data, &out->options);
	case MILTER_ADD_RCPT:
	case MILTER_DEL_RCPT:
	case MILTER_ADD_RCPT_PAR:
	case MILTER_CHANGE_FROM:
		/* parameters of ESMTP may follow */
		return string_take(&data, &out->name) &&
		    (data.n == 0 || string_take(&data, &out->value));
	case MILTER_QUARANTINE:
	case MILTER_REPLY_CODE:
		return string_take(&data, &out->value);
	case MILTER_REPLACE_BODY:
		out->value = data;
		return true;
	case MILTER_ADD_HEADER:
		return header_read(data, false, out);
	case MILTER_INSERT_HEADER:
	case MILTER_CHANGE_HEADER:
		return header_read(data, true, out);
	}
	return false;
}

/* "5.7.1": its length, or 0. */
static size_t
status_length(struct span text)
{
	size_t n = 0, dots = 0;

	while (n < text.n && n < STATUS_MAX &&
	    (ascii_digit(span_at(text, n)) || text.p[n] == '.'))
		dots += text.p[n++] == '.';
	return dots == 2 && (n == text.n || text.p[n] == ' ') ? n : 0;
}

static void
words_add(struct buf *words, struct span line)
{
	line = span_trim(line);
	for (size_t i = 0; i < line.n && words->n < TEXT_MAX; i++) {
		int c = span_at(line, i);

		/* smfi_setreply() wants a '%' written twice */
		if (c == '%' && span_at(line, i + 1) == '%')
			i++;
		buf_add_byte(words, (char)(ascii_control(c) ? ' ' : c));
	}
}

bool
milter_read_code(struct span text, struct milter_code *out, struct buf *words)
{
	struct span line;

	*out = (struct milter_code){ .code = 0 };
	while (span_line(&text, &line)) {
		int code;
		size_t n;

		/* "550-" and "550 " of a reply of several lines */
		if (!number_parse_int(span_head(line, 3), 400, 599, &code) ||
		    (out->code != 0 && out->code != code))
			return false;
		line = span_skip(line, 4);
		n = status_length(line);
		if (out->code == 0)
			memcpy(out->status, line.p, n);
		else if (words->n < TEXT_MAX)
			buf_add_byte(words, '\n');
		out->code = code;
		words_add(words, span_skip(line, n));
	}
	return out->code != 0 &&
	    (out->status[0] == '\0' || out->status[0] == '0' + out->code / 100);
}
