/* pop3_reply.c - what a POP3 server says until its client is logged in */

#include "wire/pop3_reply.h"

/* Take one line that has come whole. */
static bool
line_cut(struct span *rest, struct span *line)
{
	return span_find(*rest, '\n') < rest->n && span_line(rest, line);
}

static bool
first_take(struct span line, struct pop3_reply *out)
{
	size_t end;

	out->text = span_skip(line, span_find(line, ' ') + 1);
	line = span_head(line, span_find(line, ' '));
	if (span_is(line, "+")) {
		out->status = POP3_REPLY_GO_ON;
		return true;
	}
	if (!span_iis(line, "+OK") && !span_iis(line, "-ERR"))
		return false;
	out->status = line.p[0] == '+' ? POP3_REPLY_OK : POP3_REPLY_ERR;
	end = span_find(out->text, ']');
	if (span_at(out->text, 0) != '[' || end == out->text.n)
		return true;
	out->code = span_skip(span_head(out->text, end), 1);
	out->text = span_trim_left(span_skip(out->text, end + 1));
	return true;
}

enum pop3_reply_result
pop3_reply_parse(struct span in, bool many, struct pop3_reply *out)
{
	struct span rest = span_head(in, POP3_REPLY_MAX), line, body;
	enum pop3_reply_result more =
	    in.n >= POP3_REPLY_MAX ? POP3_REPLY_BAD : POP3_REPLY_MORE;

	*out = (struct pop3_reply){ .used = 0 };
	if (span_find(rest, '\0') < rest.n)
		return POP3_REPLY_BAD;
	if (!line_cut(&rest, &line))
		return more;
	if (!first_take(line, out))
		return POP3_REPLY_BAD;
	body = rest;
	while (many && out->status == POP3_REPLY_OK) {
		const char *begin = rest.p;

		if (!line_cut(&rest, &line))
			return more;
		if (!span_is(line, "."))
			continue;
		out->lines = span_between(body.p, begin);
		break;
	}
	out->used =
	    in.n < POP3_REPLY_MAX ? in.n - rest.n : POP3_REPLY_MAX - rest.n;
	return POP3_REPLY_DONE;
}

void
pop3_offers_parse(struct span lines, struct pop3_offers *out)
{
	struct span line, name, word;

	*out = (struct pop3_offers){ .has = 0 };
	while (span_line(&lines, &line)) {
		if (!span_word(&line, " \t", &name))
			continue;
		if (span_iis(name, "STLS"))
			out->has |= POP3_OFFERS_STLS;
		else if (span_iis(name, "USER"))
			out->has |= POP3_OFFERS_USER;
		else if (span_iis(name, "XCLIENT"))
			out->has |= POP3_OFFERS_XCLIENT;
		while (span_iis(name, "SASL") && span_word(&line, " \t", &word))
			if (out->mechanism_count < POP3_MECHANISMS_MAX)
				out->mechanisms[out->mechanism_count++] = word;
	}
}
