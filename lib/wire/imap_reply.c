/*
 * imap_reply.c - what an IMAP server says until its client is logged in
 *
 * A status response is one line, whatever it ends in; only data can hold
 * literals.
 */

#include "wire/imap_reply.h"

#include "wire/imap_parse.h"

static bool
status_find(struct span word, enum imap_reply_status *out)
{
	static const struct {
		const char *word;
		enum imap_reply_status status;
	} rows[] = { { "OK", IMAP_REPLY_OK }, { "NO", IMAP_REPLY_NO },
		{ "BAD", IMAP_REPLY_REFUSED },
		{ "PREAUTH", IMAP_REPLY_PREAUTH }, { "BYE", IMAP_REPLY_BYE } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!span_iis(word, rows[i].word))
			continue;
		*out = rows[i].status;
		return true;
	}
	return false;
}

/* The field before the next blank, taken off with it. */
static struct span
cut(struct span *rest)
{
	struct span word = span_head(*rest, span_find(*rest, ' '));

	*rest = span_skip(*rest, word.n + 1);
	return word;
}

/* "[CODE ARGUMENTS] text". A code without an end is text. */
static void
code_take(struct span rest, struct imap_reply *out)
{
	size_t end = span_find(rest, ']');
	struct span inside = span_skip(span_head(rest, end), 1);

	out->text = rest;
	if (span_at(rest, 0) != '[' || end == rest.n)
		return;
	out->code = cut(&inside);
	out->arguments = inside;
	out->text = span_trim_left(span_skip(rest, end + 1));
}

/* One line, of which the end has been taken off. */
static enum imap_reply_result
line_take(struct span line, struct imap_reply *out)
{
	struct span tag = cut(&line), word;

	if (span_is(tag, "+")) {
		out->status = IMAP_REPLY_GO_ON;
		out->text = line;
		return IMAP_REPLY_DONE;
	}
	word = cut(&line);
	if (tag.n == 0 || word.n == 0)
		return IMAP_REPLY_BAD;
	if (!span_is(tag, "*"))
		out->tag = tag;
	if (status_find(word, &out->status)) {
		code_take(line, out);
		return IMAP_REPLY_DONE;
	}
	out->status = IMAP_REPLY_DATA;
	out->word = word;
	out->text = line;
	return out->tag.n > 0 ? IMAP_REPLY_BAD : IMAP_REPLY_DONE;
}

/* Octets of a response of data, of which the first line is used octets; 0: more
 * are wanted; above the limit: it is too long. */
static size_t
data_length(struct span in)
{
	size_t at = 0;

	while (at <= IMAP_REPLY_MAX) {
		struct imap_scan_out line;

		switch (imap_scan_line(span_skip(in, at), &line)) {
		case IMAP_SCAN_MORE:
			return in.n > IMAP_REPLY_MAX ? in.n : 0;
		case IMAP_SCAN_LINE:
			return at + line.used;
		case IMAP_SCAN_LITERAL:
			if (line.literal > IMAP_REPLY_MAX)
				return IMAP_REPLY_MAX + 1;
			at += line.used + (size_t)line.literal;
			break;
		}
	}
	return at;
}

enum imap_reply_result
imap_reply_parse(struct span in, struct imap_reply *out)
{
	size_t end = span_find(in, '\n');
	struct span line = span_head(in, end);
	enum imap_reply_result got;
	size_t n;

	*out = (struct imap_reply){ .used = end + 1 };
	if (span_find(line, '\0') < line.n || end >= IMAP_REPLY_MAX)
		return IMAP_REPLY_BAD;
	if (end == in.n)
		return IMAP_REPLY_MORE;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	got = line_take(line, out);
	if (got != IMAP_REPLY_DONE || out->status != IMAP_REPLY_DATA)
		return got;
	n = data_length(in);
	if (n == 0)
		return IMAP_REPLY_MORE;
	if (n > IMAP_REPLY_MAX)
		return IMAP_REPLY_BAD;
	out->used = n;
	return IMAP_REPLY_DONE;
}

void
imap_offers_parse(struct span words, struct imap_offers *out)
{
	static const struct {
		const char *word;
		unsigned bit;
	} rows[] = { { "STARTTLS", IMAP_OFFERS_STARTTLS },
		{ "SASL-IR", IMAP_OFFERS_SASL_IR }, { "ID", IMAP_OFFERS_ID },
		{ "LOGINDISABLED", IMAP_OFFERS_NO_LOGIN } };
	struct span word;

	*out = (struct imap_offers){ .has = 0 };
	while (span_word(&words, " \r\n", &word)) {
		if (span_istarts(word, "AUTH=")) {
			if (out->mechanism_count < IMAP_MECHANISMS_MAX)
				out->mechanisms[out->mechanism_count++] =
				    span_skip(word, 5);
			continue;
		}
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (span_iis(word, rows[i].word))
				out->has |= rows[i].bit;
	}
}
