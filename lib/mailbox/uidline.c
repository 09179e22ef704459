/*
 * uidline.c - the lines of facteur.uids
 *
 * The CRC-32 is of the line's bytes before " #". Bytes of names that are
 * blanks, controls or '%' are written %XX.
 */

#include "mailbox/uidline.h"

#include <inttypes.h>
#include <string.h>

#include "base/crc.h"
#include "base/must.h"
#include "base/number.h"

#define HEAD_MARK "facteur-uids 1 "

enum { CRC_TAIL = 10 /* " #" and eight digits */ };

/* Append "#CRC\n" for the bytes of out from begun on. */
static void
seal(struct buf *out, size_t begun)
{
	uint32_t crc = crc_add(0, span_skip(buf_span(out), begun));

	char *to = buf_room(out, CRC_TAIL + 1);

	/* in a folder seen for the first time there are as many as messages */
	*to++ = ' ';
	*to++ = '#';
	for (int shift = 28; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[crc >> shift & 15];
	*to = '\n';
	out->n += CRC_TAIL + 1;
}

/* The content of a line whose checksum is right. */
static bool
unseal(struct span line, struct span *content)
{
	struct span tail;
	uint64_t crc;

	if (line.n < CRC_TAIL)
		return false;
	tail = span_skip(line, line.n - CRC_TAIL);
	*content = span_head(line, line.n - CRC_TAIL);
	return span_starts(tail, " #") &&
	    number_parse_hex(span_skip(tail, 2), UINT32_MAX, &crc) &&
	    crc == crc_add(0, *content);
}

void
uidline_head(struct buf *out, const struct uidlist_head *h)
{
	size_t begun = out->n;

	buf_printf(out, HEAD_MARK "%010" PRIu32 " %s %010" PRIu32, h->validity,
	    h->guid, h->next);
	seal(out, begun);
	must(out->n - begun == UIDLINE_HEAD);
}

bool
uidline_head_get(struct span line, struct uidlist_head *out)
{
	struct span rest, word;
	uint64_t validity, next;

	if (!unseal(line, &rest) || !span_starts(rest, HEAD_MARK))
		return false;
	rest = span_skip(rest, sizeof(HEAD_MARK) - 1);
	if (!span_cut(&rest, ' ', &word) ||
	    !number_parse(word, 1, UINT32_MAX, &validity) ||
	    !span_cut(&rest, ' ', &word) || word.n != UIDLIST_GUID ||
	    !number_parse(rest, 1, UINT32_MAX, &next))
		return false;
	out->validity = (uint32_t)validity;
	out->next = (uint32_t)next;
	memcpy(out->guid, word.p, word.n);
	out->guid[UIDLIST_GUID] = '\0';
	return true;
}

static bool
is_plain(unsigned char c)
{
	return c > ' ' && c != '%' && c != 127;
}

static void
text_add(struct buf *out, struct span s)
{
	size_t n;

	while (s.n > 0) {
		for (n = 0; n < s.n && is_plain((unsigned char)s.p[n]);)
			n++;
		buf_add_span(out, span_head(s, n));
		s = span_skip(s, n);
		if (s.n == 0)
			break;
		buf_printf(out, "%%%02X", (unsigned char)s.p[0]);
		s = span_skip(s, 1);
	}
}

static bool
text_read(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '%') {
			buf_add_byte(out, s.p[i]);
			continue;
		}
		high = number_hex_digit(span_at(s, i + 1));
		low = number_hex_digit(span_at(s, i + 2));
		if (high == -1 || low == -1)
			return false;
		buf_add_byte(out, (char)(high * 16 + low));
		i += 2;
	}
	return true;
}

/* Most names need no decoding and are told as they lie in the buffer. */
static bool
text_of(struct span raw, struct buf *room, struct span *out)
{
	size_t begun = room->n;

	*out = raw;
	if (span_find(raw, '%') == raw.n)
		return true;
	if (!text_read(raw, room))
		return false;
	*out = span_skip(buf_span(room), begun);
	return true;
}

static bool
kw_parse(struct span s, struct kwset *out)
{
	uint64_t low, high;

	if (s.n != 32 ||
	    !number_parse_hex(span_head(s, 16), UINT64_MAX, &high) ||
	    !number_parse_hex(span_skip(s, 16), UINT64_MAX, &low))
		return false;
	out->w[0] = low;
	out->w[1] = high;
	return true;
}

bool
uidline_get(struct span line, struct buf *room, struct uid_event *e)
{
	struct span rest, mark, uid, text = { NULL, 0 }, uidl = { NULL, 0 };
	uint64_t n;

	if (!unseal(line, &rest))
		return false;
	buf_clear(room);
	(void)buf_room(room, rest.n); /* so that spans into it stay good */
	if (!span_cut(&rest, ' ', &mark) || mark.n != 1 ||
	    !span_cut(&rest, ' ', &uid) ||
	    !number_parse(uid, 0, UINT32_MAX, &n))
		return false;
	(void)span_cut(&rest, ' ', &text);
	(void)span_cut(&rest, ' ', &uidl);
	e->uid = (uint32_t)n;
	switch (mark.p[0]) {
	case '+':
		e->kind = UID_ADD;
		return n > 0 && text.n > 0 && text_of(text, room, &e->text) &&
		    text_of(uidl, room, &e->uidl);
	case '-':
		e->kind = UID_GONE;
		return n > 0;
	case '=':
		e->kind = UID_KEYWORDS;
		return n > 0 && kw_parse(text, &e->kw);
	case 'r':
		e->kind = UID_RECENT;
		return n > 0;
	case 'k':
		e->kind = UID_KEYWORD;
		return n < KEYWORDS_MAX && text.n > 0 &&
		    text_of(text, room, &e->text);
	default:
		return false;
	}
}

void
uidline_add(struct buf *out, uint32_t uid, struct span base, struct span uidl)
{
	size_t begun = out->n;

	buf_add(out, "+ ", 2);
	buf_add_number(out, uid);
	buf_add_byte(out, ' ');
	text_add(out, base);
	if (uidl.n > 0) {
		buf_add_byte(out, ' ');
		text_add(out, uidl);
	}
	seal(out, begun);
}

void
uidline_gone(struct buf *out, uint32_t uid)
{
	size_t begun = out->n;

	buf_printf(out, "- %" PRIu32, uid);
	seal(out, begun);
}

void
uidline_keywords(struct buf *out, uint32_t uid, const struct kwset *kw)
{
	size_t begun = out->n;

	buf_printf(out, "= %" PRIu32 " %016" PRIx64 "%016" PRIx64, uid,
	    kw->w[1], kw->w[0]);
	seal(out, begun);
}

void
uidline_keyword(struct buf *out, size_t number, struct span name)
{
	size_t begun = out->n;

	buf_printf(out, "k %zu ", number);
	text_add(out, name);
	seal(out, begun);
}

void
uidline_recent(struct buf *out, uint32_t first)
{
	size_t begun = out->n;

	buf_printf(out, "r %" PRIu32, first);
	seal(out, begun);
}
