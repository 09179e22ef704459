/*
 * smtp_reply.c - the replies of SMTP and LMTP servers, as a client reads them
 *
 * RFC 5321, 4.2: lines of a code, '-' or a blank, and text. The server is a
 * stranger: everything is counted before it is kept. As in Postfix the last
 * line's code decides when the lines disagree.
 */

#include "wire/smtp_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"

struct smtp_reply_reader {
	struct smtp_reply reply;
	struct buf line;
	size_t bytes; /* of this reply so far */
	bool done; /* the next byte begins a new reply */
	const char *error;
};

struct smtp_reply_reader *
smtp_reply_new(void)
{
	return mem_new(sizeof(struct smtp_reply_reader));
}

void
smtp_reply_free(struct smtp_reply_reader **r)
{
	if (*r == NULL)
		return;
	buf_free(&(*r)->reply.text);
	buf_free(&(*r)->reply.raw);
	buf_free(&(*r)->line);
	mem_free(r);
}

static void
begin(struct smtp_reply_reader *r)
{
	buf_clear(&r->reply.text);
	buf_clear(&r->reply.raw);
	buf_clear(&r->line);
	r->reply.code = 0;
	r->reply.status[0] = '\0';
	r->reply.lines = 0;
	r->bytes = 0;
	r->done = false;
	r->error = NULL;
}

void
smtp_reply_reset(struct smtp_reply_reader *r)
{
	begin(r);
}

bool
smtp_reply_idle(const struct smtp_reply_reader *r)
{
	return r->done || (r->bytes == 0 && r->error == NULL);
}

const struct smtp_reply *
smtp_reply(const struct smtp_reply_reader *r)
{
	return &r->reply;
}

const char *
smtp_reply_error(const struct smtp_reply_reader *r)
{
	return r->error == NULL ? "" : r->error;
}

/* Number of digits, 1 to 3, at offset at; 0 when it is not so. */
static size_t
digits_at(struct span s, size_t at)
{
	size_t n = 0;

	while (n < 4 && ascii_digit(span_at(s, at + n)))
		n++;
	return n > 3 ? 0 : n;
}

/* Length of the enhanced status code at the front of text (RFC 2034, 4), of
 * the class that the code has; 0 when there is none. */
static size_t
status_length(struct span text, int code)
{
	size_t at = 2, n;

	if (span_at(text, 0) != '0' + code / 100 || span_at(text, 1) != '.')
		return 0;
	if (code / 100 == 3)
		return 0;
	n = digits_at(text, at);
	if (n == 0 || span_at(text, at + n) != '.')
		return 0;
	at += n + 1;
	n = digits_at(text, at);
	if (n == 0)
		return 0;
	at += n;
	return at == text.n || text.p[at] == ' ' ? at : 0;
}

static void
add_text(struct buf *out, struct span text, bool first)
{
	if (!first)
		buf_add_byte(out, '\n');
	for (size_t i = 0; i < text.n; i++) {
		bool control = ascii_control(span_at(text, i));

		buf_add_byte(
		    out, control && text.p[i] != '\t' ? '?' : text.p[i]);
	}
}

/* A line's code, or -1. */
static int
code_of(struct span line)
{
	int code;

	if (line.n < 3 ||
	    !number_parse_int(span_head(line, 3), 200, 599, &code))
		return -1;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return -1;
	return code;
}

static enum smtp_reply_result
bad(struct smtp_reply_reader *r, const char *error)
{
	r->error = error;
	return SMTP_REPLY_BAD;
}

static enum smtp_reply_result
take_line(struct smtp_reply_reader *r, struct span line)
{
	int code = code_of(line);
	struct span text = span_skip(line, 4);
	size_t n;

	if (code == -1)
		return bad(r, "malformed reply");
	if (r->reply.lines == SMTP_REPLY_LINES_MAX)
		return bad(r, "too many lines in reply");
	if (r->reply.lines > 0 && code != r->reply.code)
		r->reply.status[0] = '\0';
	r->reply.code = code;
	n = status_length(text, code);
	if (n > 0 && n < sizeof(r->reply.status)) {
		memcpy(r->reply.status, text.p, n);
		r->reply.status[n] = '\0';
	}
	add_text(&r->reply.raw, text, r->reply.lines == 0);
	add_text(&r->reply.text, n == 0 ? text : span_skip(text, n + 1),
	    r->reply.lines == 0);
	r->reply.lines++;
	if (span_at(line, 3) == '-')
		return SMTP_REPLY_MORE;
	r->done = true;
	return SMTP_REPLY_DONE;
}

enum smtp_reply_result
smtp_reply_feed(
    struct smtp_reply_reader *r, const char *p, size_t n, size_t *used)
{
	enum smtp_reply_result got = SMTP_REPLY_MORE;

	*used = 0;
	if (r->error != NULL)
		return SMTP_REPLY_BAD;
	if (r->done && n > 0)
		begin(r);
	while (got == SMTP_REPLY_MORE && *used < n) {
		struct span rest = span_of(p + *used, n - *used);
		size_t at = span_find(rest, '\n');
		struct span piece = span_head(rest, at + 1);

		if (piece.n > SMTP_REPLY_BYTES_MAX - r->bytes)
			return bad(r, "reply too long");
		r->bytes += piece.n;
		*used += piece.n;
		buf_add_span(&r->line, span_head(rest, at));
		if (at == rest.n)
			break;
		if (r->line.n > 0 && r->line.p[r->line.n - 1] == '\r')
			r->line.n--;
		got = take_line(r, buf_span(&r->line));
		buf_clear(&r->line);
	}
	return got;
}

static const struct {
	const char *word;
	enum smtp_capability bit;
} words[] = {
	{ "PIPELINING", SMTP_CAP_PIPELINING },
	{ "8BITMIME", SMTP_CAP_8BITMIME },
	{ "SIZE", SMTP_CAP_SIZE },
	{ "STARTTLS", SMTP_CAP_STARTTLS },
	{ "AUTH", SMTP_CAP_AUTH },
	{ "DSN", SMTP_CAP_DSN },
	{ "CHUNKING", SMTP_CAP_CHUNKING },
	{ "BINARYMIME", SMTP_CAP_BINARYMIME },
	{ "SMTPUTF8", SMTP_CAP_SMTPUTF8 },
	{ "ENHANCEDSTATUSCODES", SMTP_CAP_ENHANCED },
	{ "ETRN", SMTP_CAP_ETRN },
	{ "VRFY", SMTP_CAP_VRFY },
	{ "REQUIRETLS", SMTP_CAP_REQUIRETLS },
	{ "XCLIENT", SMTP_CAP_XCLIENT },
	{ "XFORWARD", SMTP_CAP_XFORWARD },
	{ "LIMITS", SMTP_CAP_LIMITS },
};

static unsigned
capability_of(struct span word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_iis(word, words[i].word))
			return words[i].bit;
	return 0;
}

static bool
ignored(struct span ignore, struct span word)
{
	struct span one;

	while (span_word(&ignore, " \t,", &one))
		if (span_ieq(one, word))
			return true;
	return false;
}

static void
take_mechanisms(struct smtp_capabilities *out, struct span rest)
{
	struct span word;

	while (span_word(&rest, " \t", &word) &&
	    out->mechanism_count < SMTP_MECHANISMS_MAX)
		out->mechanisms[out->mechanism_count++] = word;
}

static void
take_limits(struct smtp_capabilities *out, struct span rest)
{
	struct span word;

	while (span_word(&rest, " \t", &word)) {
		size_t at = span_find(word, '=');
		struct span name = span_head(word, at);
		uint64_t value;

		/* RFC 9422, 3.1: one to six digits, never zero */
		if (!number_parse(span_skip(word, at + 1), 1, 999999, &value))
			continue;
		if (span_iis(name, "RCPTMAX"))
			out->rcpt_max = value;
		else if (span_iis(name, "MAILMAX"))
			out->mail_max = value;
	}
}

static void
take_xforward(struct smtp_capabilities *out, struct span rest)
{
	static const char *const known[] = { "NAME", "ADDR", "PROTO", "HELO",
		"IDENT", "SOURCE" }; /* as enum smtp_xforward */
	struct span word;

	while (span_word(&rest, " \t", &word))
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (span_iis(word, known[i]))
				out->xforward |= 1U << i;
}

static void
take_capability(
    struct smtp_capabilities *out, struct span ignore, struct span line)
{
	struct span rest = line, word;
	unsigned bit;

	if (!span_word(&rest, " \t", &word))
		return;
	/* "AUTH=LOGIN PLAIN": servers older than RFC 2554 */
	if (span_istarts(word, "AUTH=")) {
		rest = span_skip(line, (size_t)(word.p - line.p) + 5);
		word = span_head(word, 4);
	}
	bit = capability_of(word);
	if (bit == 0 || ignored(ignore, word))
		return;
	out->has |= bit;
	if (bit == SMTP_CAP_AUTH)
		take_mechanisms(out, rest);
	else if (bit == SMTP_CAP_XFORWARD)
		take_xforward(out, rest);
	else if (bit == SMTP_CAP_LIMITS)
		take_limits(out, rest);
	else if (bit == SMTP_CAP_SIZE && span_word(&rest, " \t", &word) &&
	    !number_parse(word, 0, UINT64_MAX, &out->size))
		out->size = 0;
}

void
smtp_capabilities_parse(const struct smtp_reply *reply, struct span ignore,
    struct smtp_capabilities *out)
{
	struct span rest = buf_span(&reply->text), line;

	*out = (struct smtp_capabilities){ 0 };
	if (span_cut(&rest, '\n', &line)) {
		out->name = line;
		span_word(&line, " \t", &out->name);
	}
	while (span_cut(&rest, '\n', &line))
		take_capability(out, ignore, line);
}

bool
smtp_capabilities_offer(
    const struct smtp_capabilities *c, const char *mechanism)
{
	for (size_t i = 0; i < c->mechanism_count; i++)
		if (span_iis(c->mechanisms[i], mechanism))
			return true;
	return false;
}
