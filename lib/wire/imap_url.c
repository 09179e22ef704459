/*
 * imap_url.c - IMAP URLs of a message or a part of it (RFC 5092, RFC 4469)
 *
 * A section and a partial are what FETCH calls so, and are read as it does.
 */

#include "wire/imap_url.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "wire/imap_parse.h"

static int
hex_value(int c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What an enc-mailbox or enc-section may hold as it is: bchar. */
static bool
is_bare(int c)
{
	static const char others[] = "-._~!$'()*+,&=:@/";

	if (ascii_alnum(c))
		return true;
	for (size_t i = 0; others[i] != '\0'; i++)
		if (c == others[i])
			return true;
	return false;
}

static bool
decode(struct arena *a, struct span text, struct span *out)
{
	char *to = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int c = span_at(text, i);

		if (c == '%') {
			int high = hex_value(span_at(text, i + 1));
			int low = hex_value(span_at(text, i + 2));

			if (high == -1 || low == -1)
				return false;
			c = high * 16 + low;
			i += 2;
		} else if (!is_bare(c)) {
			return false;
		}
		if (c == '\0' || c == '\r' || c == '\n')
			return false;
		to[n++] = (char)c;
	}
	*out = span_of(to, n);
	return n > 0;
}

/* Take "WORD=" and the value up to the next ';' or its '/' off the front. */
static bool
parameter(struct span *rest, const char *word, struct span *value)
{
	size_t n = strlen(word), end;

	if (!span_istarts(*rest, word))
		return false;
	*value = span_skip(*rest, n);
	end = span_find(*value, ';');
	*rest = span_skip(*value, end);
	*value = span_head(*value, end);
	/* "/;" stands before the next */
	if (rest->n > 0) {
		if (!span_ends(*value, "/"))
			return false;
		value->n--;
	}
	return true;
}

static bool
nz_number(struct span text, uint32_t *out)
{
	uint64_t n;

	if (!number_parse(text, 1, UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

/* "offset" or "offset.length" as the "<offset.length>" of FETCH. */
static bool
add_partial(struct buf *item, struct span partial)
{
	size_t dot = span_find(partial, '.');
	uint64_t from, length = INT64_MAX;

	if (!number_parse(span_head(partial, dot), 0, UINT32_MAX, &from) ||
	    (dot < partial.n &&
		!number_parse(
		    span_skip(partial, dot + 1), 1, UINT32_MAX, &length)))
		return false;
	buf_add_byte(item, '<');
	buf_add_number(item, from);
	buf_add_byte(item, '.');
	buf_add_number(item, length);
	buf_add_byte(item, '>');
	return true;
}

static bool
parse_part(struct arena *a, struct span section, struct span partial,
    struct imap_fetch_item *out)
{
	struct imap_fetch items;
	struct buf item = BUF_EMPTY;
	struct span text;
	bool ok = true;

	buf_add_str(&item, "BODY.PEEK[");
	buf_add_span(&item, section);
	buf_add_byte(&item, ']');
	if (partial.p != NULL)
		ok = add_partial(&item, partial);
	text = arena_span(a, buf_span(&item));
	buf_free(&item);
	if (!ok || !imap_fetch_items(a, &text, &items) || text.n > 0 ||
	    items.count != 1)
		return false;
	*out = items.items[0];
	return true;
}

bool
imap_url_parse(struct arena *a, struct span url, struct imap_url *out)
{
	struct span section = SPAN(""), partial = { NULL, 0 };
	struct span mailbox, rest, value;
	size_t end;

	*out = (struct imap_url){ .validity = 0 };
	if (url.n > IMAP_URL_MAX || span_at(url, 0) != '/' ||
	    span_at(url, 1) == '/')
		return false;
	rest = span_skip(url, 1);
	end = span_find(rest, ';');
	mailbox = span_head(rest, end);
	rest = span_skip(rest, end);
	if (parameter(&rest, ";UIDVALIDITY=", &value)) {
		if (!nz_number(value, &out->validity))
			return false;
	} else if (span_ends(mailbox, "/")) {
		mailbox.n--;
	} else {
		return false;
	}
	if (!decode(a, mailbox, &out->mailbox) || !utf8_valid(out->mailbox) ||
	    !parameter(&rest, ";UID=", &value) || !nz_number(value, &out->uid))
		return false;
	if (parameter(&rest, ";SECTION=", &value) &&
	    !decode(a, value, &section))
		return false;
	if (parameter(&rest, ";PARTIAL=", &value))
		partial = value;
	return rest.n == 0 && parse_part(a, section, partial, &out->part);
}
