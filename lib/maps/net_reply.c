/* net_reply.c - what the servers of socketmap: and tcp: tables say */

#include "maps/net_reply.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"

enum { LENGTH_DIGITS = 6, REASON_MAX = 200, TCP_LINE_MAX = 4096 };

static void
set_reason(struct why *why, struct span reason)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, reason, REASON_MAX);
	why_set(why, "4.3.0", "the server says: %s",
	    text.n == 0 ? "no" : buf_str(&text));
	buf_free(&text);
}

/* ---- socketmap */

static enum net_reply_result
netstring(struct span in, struct span *inside)
{
	size_t colon = span_find(in, ':');
	uint64_t n;

	if (colon == in.n)
		return in.n > LENGTH_DIGITS ? NET_REPLY_BAD : NET_REPLY_MORE;
	if (!number_parse(span_head(in, colon), 0, NET_REPLY_MAX, &n))
		return NET_REPLY_BAD;
	in = span_skip(in, colon + 1);
	if (in.n < n + 1)
		return NET_REPLY_MORE;
	if (in.n > n + 1 || in.p[n] != ',')
		return NET_REPLY_BAD;
	*inside = span_head(in, (size_t)n);
	return NET_REPLY_DONE;
}

enum net_reply_result
net_reply_socketmap(
    struct span in, enum map_result *got, struct buf *out, struct why *why)
{
	struct span rest = SPAN(""), word;
	enum net_reply_result whole = netstring(in, &rest);

	if (whole != NET_REPLY_DONE)
		return whole;
	if (!span_cut(&rest, ' ', &word))
		word = SPAN("");
	if (rest.p == NULL)
		rest = SPAN("");
	if (span_is(word, "OK")) {
		buf_add_span(out, rest);
		*got = MAP_FOUND;
	} else if (span_is(word, "NOTFOUND")) {
		*got = MAP_NONE;
	} else if (span_is(word, "TEMP") || span_is(word, "TIMEOUT") ||
	    span_is(word, "PERM")) {
		set_reason(why, rest);
		*got = MAP_ERROR;
	} else {
		return NET_REPLY_BAD;
	}
	return NET_REPLY_DONE;
}

/* ---- tcp */

void
net_encode(struct buf *out, struct span key)
{
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];

		if (c <= ' ' || c >= 127 || c == '%')
			buf_printf(out, "%%%02X", c);
		else
			buf_add_byte(out, (char)c);
	}
}

static bool
decode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '%') {
			buf_add_byte(out, s.p[i]);
			continue;
		}
		high = number_hex_digit(span_at(s, i + 1));
		low = number_hex_digit(span_at(s, i + 2));
		if (high < 0 || low < 0)
			return false;
		buf_add_byte(out, (char)(high * 16 + low));
		i += 2;
	}
	return true;
}

enum net_reply_result
net_reply_tcp(
    struct span in, enum map_result *got, struct buf *out, struct why *why)
{
	size_t end = span_find(in, '\n');
	struct span code = span_head(in, 4), rest;

	if (end == in.n)
		return in.n > TCP_LINE_MAX ? NET_REPLY_BAD : NET_REPLY_MORE;
	if (end + 1 < in.n || end < 3)
		return NET_REPLY_BAD;
	rest = span_trim_right(span_skip(span_head(in, end), 4));
	if (span_is(code, "200 ")) {
		*got = MAP_FOUND;
		return decode(out, rest) ? NET_REPLY_DONE : NET_REPLY_BAD;
	}
	if (span_starts(code, "500")) {
		*got = MAP_NONE;
		return NET_REPLY_DONE;
	}
	if (!span_starts(code, "400"))
		return NET_REPLY_BAD;
	set_reason(why, rest);
	*got = MAP_ERROR;
	return NET_REPLY_DONE;
}
