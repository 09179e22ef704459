/*
 * folder.c - names of folders: as clients say them and as they lie on disk
 *
 * On disk a folder is one directory, its path parts joined by '.', in UTF-8
 * (Courier 5) or modified UTF-7 (Courier 4, Dovecot). Both may lie side by side
 * in a tree that has lived long.
 */

#include "mailbox/folder.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "message/utf7.h"

enum { DIR_MAX = 255, RAW_FIRST = 0xf780, RAW_LAST = 0xf7ff };

static bool
is_inbox(struct span name)
{
	return span_iis(name, "INBOX");
}

/* Take the prefix off *name; its letters "INBOX" count in any case. */
static bool
cut_prefix(const struct folder_conf *c, struct span *name)
{
	struct span prefix = span_str(c->prefix);
	struct span front = span_head(*name, prefix.n);

	if (!span_eq(front, prefix) &&
	    !(span_istarts(prefix, "INBOX") && span_ieq(front, prefix)))
		return false;
	*name = span_skip(*name, prefix.n);
	return true;
}

static bool
part_ok(const struct folder_conf *c, struct span part)
{
	if (part.n == 0)
		return false;
	for (size_t i = 0; i < part.n; i++) {
		int b = (unsigned char)part.p[i];

		if (b == '/' || b == '.' || b == c->separator ||
		    ascii_control(b))
			return false;
	}
	return true;
}

/* Append '.' and the part in UTF-8 for each part of name. */
static enum folder_result
join_parts(const struct folder_conf *c, struct span name, struct buf *out)
{
	struct span part;

	if (name.n == 0 || !utf8_valid(name))
		return FOLDER_BAD;
	while (span_cut(&name, c->separator, &part)) {
		if (!part_ok(c, part))
			return FOLDER_BAD;
		buf_add_byte(out, '.');
		buf_add_span(out, part);
	}
	return FOLDER_OK;
}

/* INBOX, a name cut to what stands behind the prefix, or why not. */
static enum folder_result
cut_name(const struct folder_conf *c, struct span *name)
{
	if (is_inbox(*name))
		return FOLDER_INBOX;
	return cut_prefix(c, name) || c->alias ? FOLDER_OK : FOLDER_OUTSIDE;
}

static enum folder_result
add_dir(struct buf *dir, struct span joined, enum folder_encoding encoding)
{
	size_t before = dir->n;

	if (encoding == FOLDER_UTF7) {
		if (!utf7_from_utf8(dir, joined))
			return FOLDER_BAD;
	} else {
		buf_add_span(dir, joined);
	}
	if (dir->n - before <= DIR_MAX)
		return FOLDER_OK;
	buf_cut(dir, before);
	return FOLDER_TOO_LONG;
}

enum folder_result
folder_to_dir(const struct folder_conf *c, struct span name,
    enum folder_encoding encoding, struct buf *dir)
{
	struct buf joined = BUF_EMPTY;
	enum folder_result got = cut_name(c, &name);

	if (got == FOLDER_OK)
		got = join_parts(c, name, &joined);
	if (got == FOLDER_OK)
		got = add_dir(dir, buf_span(&joined), encoding);
	buf_free(&joined);
	return got;
}

/* Put bytes in place of the characters that stand for them. */
static void
add_raw(struct buf *out, struct span s)
{
	while (s.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(s, &c);

		if (n == 0)
			return; /* join_parts has seen that s is UTF-8 */
		if (c >= RAW_FIRST && c <= RAW_LAST)
			buf_add_byte(out, (char)(c - RAW_FIRST + 0x80));
		else
			buf_add(out, s.p, n);
		s = span_skip(s, n);
	}
}

enum folder_result
folder_to_dir_raw(
    const struct folder_conf *c, struct span name, struct buf *dir)
{
	struct buf joined = BUF_EMPTY, raw = BUF_EMPTY;
	enum folder_result got = cut_name(c, &name);

	if (got == FOLDER_OK)
		got = join_parts(c, name, &joined);
	if (got == FOLDER_OK) {
		add_raw(&raw, buf_span(&joined));
		got = add_dir(dir, buf_span(&raw), FOLDER_UTF8);
	}
	buf_free(&joined);
	buf_free(&raw);
	return got;
}

/* Append s, bytes that are no UTF-8 as the characters that stand for them. */
static void
add_shown(struct buf *out, struct span s)
{
	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0) {
			utf8_add(
			    out, RAW_FIRST + (unsigned char)s.p[0] - 0x80u);
			n = 1;
		} else {
			buf_add(out, s.p, n);
		}
		s = span_skip(s, n);
	}
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* One part as UTF-8. With a separator other than '.', it may not hold one. */
static bool
add_part(const struct folder_conf *c, struct buf *out, struct span part)
{
	size_t before = out->n;
	bool as_utf7 = c->encoding == FOLDER_UTF7 ||
	    (c->encoding == FOLDER_AUTO && is_ascii(part));

	if (!as_utf7 || !utf7_to_utf8(out, part))
		add_shown(out, part);
	/* "&AC8-" is a '/', which is no name for a folder of ours */
	return part_ok(c, span_skip(buf_span(out), before));
}

bool
folder_from_dir(const struct folder_conf *c, struct span dir, struct buf *name)
{
	size_t before = name->n;
	struct span part;
	bool first = true;

	if (dir.n < 2 || dir.p[0] != '.')
		return false;
	dir = span_skip(dir, 1);
	buf_add_str(name, c->prefix);
	while (span_cut(&dir, '.', &part)) {
		if (!first)
			buf_add_byte(name, c->separator);
		first = false;
		if (part_ok(c, part) && add_part(c, name, part))
			continue;
		buf_cut(name, before);
		return false;
	}
	return true;
}

enum folder_encoding
folder_encoding_of(struct span dir)
{
	struct buf utf8 = BUF_EMPTY;
	enum folder_encoding got = FOLDER_AUTO;

	if (!is_ascii(dir))
		got = utf8_valid(dir) ? FOLDER_UTF8 : FOLDER_AUTO;
	else if (utf7_to_utf8(&utf8, dir) && !is_ascii(buf_span(&utf8)))
		got = FOLDER_UTF7;
	buf_free(&utf8);
	return got;
}

struct span
folder_parent(const struct folder_conf *c, struct span name)
{
	size_t at = span_rfind(name, c->separator);

	return at == name.n ? span_of(name.p, 0) : span_head(name, at);
}
