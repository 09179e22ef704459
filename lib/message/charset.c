/*
 * charset.c - text in any charset to UTF-8 and back, by iconv(3)
 *
 * Names go through a table: only charsets of mail are opened, since the module
 * behind a name is code that hostile bytes run through. UTF-8, ASCII and the
 * Latin-1 family are converted here, without a module. ISO 8859-1 is read as
 * windows-1252, as every browser does.
 */

#include "message/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { NAME_BYTES_MAX = 40, HELD_MAX = 16, REPLACEMENT = 0xfffd };

enum kind {
	AS_UTF8,
	AS_GUESS, /* UTF-8 where it is, else windows-1252 */
	AS_1252,
	BY_ICONV
};

struct charset {
	enum kind kind;
	bool encoder, lossy;
	iconv_t cd;
	char held[HELD_MAX]; /* the front of a character */
	size_t held_n;
};

/* Names as normalised by name_fold(), and what iconv calls them; NULL: the
 * kinds that need no module. */
static const struct {
	const char *name, *iconv;
	enum kind kind;
} names[] = {
	{ "utf-8", "UTF-8", AS_UTF8 },
	{ "utf8", "UTF-8", AS_UTF8 },
	{ "unicode-1-1-utf-8", "UTF-8", AS_UTF8 },
	{ "us-ascii", "ASCII", AS_GUESS },
	{ "ascii", "ASCII", AS_GUESS },
	{ "ansi-x3.4-1968", "ASCII", AS_GUESS },
	{ "iso646-us", "ASCII", AS_GUESS },
	{ "iso-8859-1", "ISO-8859-1", AS_1252 },
	{ "iso8859-1", "ISO-8859-1", AS_1252 },
	{ "latin1", "ISO-8859-1", AS_1252 },
	{ "iso-8859-1-windows-3.1-latin-1", "ISO-8859-1", AS_1252 },
	{ "windows-1252", "CP1252", AS_1252 },
	{ "cp1252", "CP1252", AS_1252 },
	{ "x-cp1252", "CP1252", AS_1252 },
	{ "latin2", "ISO-8859-2", BY_ICONV },
	{ "latin9", "ISO-8859-15", BY_ICONV },
	{ "iso-8859-8-i", "ISO-8859-8", BY_ICONV },
	{ "iso-8859-8-e", "ISO-8859-8", BY_ICONV },
	{ "iso-8859-6-i", "ISO-8859-6", BY_ICONV },
	{ "koi8-r", "KOI8-R", BY_ICONV },
	{ "koi8-u", "KOI8-U", BY_ICONV },
	{ "koi8-ru", "KOI8-U", BY_ICONV },
	{ "koi8-t", "KOI8-T", BY_ICONV },
	{ "macintosh", "MACINTOSH", BY_ICONV },
	{ "x-mac-roman", "MACINTOSH", BY_ICONV },
	{ "x-mac-cyrillic", "MAC-CYRILLIC", BY_ICONV },
	{ "windows-874", "CP874", BY_ICONV },
	{ "tis-620", "TIS-620", BY_ICONV },
	{ "viscii", "VISCII", BY_ICONV },
	{ "tcvn", "TCVN", BY_ICONV },
	{ "pt154", "PT154", BY_ICONV },
	{ "armscii-8", "ARMSCII-8", BY_ICONV },
	{ "georgian-ps", "GEORGIAN-PS", BY_ICONV },
	{ "gb2312", "GB18030", BY_ICONV },
	{ "gb-2312-80", "GB18030", BY_ICONV },
	{ "gbk", "GB18030", BY_ICONV },
	{ "x-gbk", "GB18030", BY_ICONV },
	{ "cp936", "GB18030", BY_ICONV },
	{ "gb18030", "GB18030", BY_ICONV },
	{ "euc-cn", "GB18030", BY_ICONV },
	{ "big5", "BIG5", BY_ICONV },
	{ "cn-big5", "BIG5", BY_ICONV },
	{ "x-x-big5", "BIG5", BY_ICONV },
	{ "cp950", "CP950", BY_ICONV },
	{ "big5-hkscs", "BIG5-HKSCS", BY_ICONV },
	{ "euc-tw", "EUC-TW", BY_ICONV },
	{ "euc-jp", "EUC-JP", BY_ICONV },
	{ "x-euc-jp", "EUC-JP", BY_ICONV },
	{ "shift-jis", "CP932", BY_ICONV },
	{ "sjis", "CP932", BY_ICONV },
	{ "x-sjis", "CP932", BY_ICONV },
	{ "ms-kanji", "CP932", BY_ICONV },
	{ "windows-31j", "CP932", BY_ICONV },
	{ "cp932", "CP932", BY_ICONV },
	{ "iso-2022-jp", "ISO-2022-JP", BY_ICONV },
	{ "iso-2022-jp-1", "ISO-2022-JP-1", BY_ICONV },
	{ "iso-2022-jp-2", "ISO-2022-JP-2", BY_ICONV },
	{ "euc-kr", "CP949", BY_ICONV },
	{ "ks-c-5601-1987", "CP949", BY_ICONV },
	{ "ks-c-5601", "CP949", BY_ICONV },
	{ "ksc5601", "CP949", BY_ICONV },
	{ "cp949", "CP949", BY_ICONV },
	{ "iso-2022-kr", "ISO-2022-KR", BY_ICONV },
	{ "johab", "JOHAB", BY_ICONV },
	{ "utf-7", "UTF-7", BY_ICONV },
	{ "unicode-1-1-utf-7", "UTF-7", BY_ICONV },
	{ "utf-16", "UTF-16", BY_ICONV },
	{ "utf-16be", "UTF-16BE", BY_ICONV },
	{ "utf-16le", "UTF-16LE", BY_ICONV },
	{ "utf-32", "UTF-32", BY_ICONV },
	{ "utf-32be", "UTF-32BE", BY_ICONV },
	{ "utf-32le", "UTF-32LE", BY_ICONV },
};

/* Families that differ in a number; each number is between commas. */
static const struct {
	const char *prefix, *numbers, *iconv;
} families[] = {
	{ "iso-8859-", ",2,3,4,5,6,7,8,9,10,11,13,14,15,16,", "ISO-8859-" },
	{ "iso8859-", ",2,3,4,5,6,7,8,9,10,11,13,14,15,16,", "ISO-8859-" },
	{ "windows-", ",1250,1251,1253,1254,1255,1256,1257,1258,", "CP" },
	{ "cp",
	    ",1250,1251,1253,1254,1255,1256,1257,1258,437,737,775,850,852,"
	    "855,856,857,858,860,861,862,863,864,865,866,869,874,",
	    "CP" },
	{ "ibm",
	    ",437,775,850,852,855,857,860,861,862,863,864,865,866,869,"
	    "037,500,1047,",
	    "IBM" },
};

/* What name means, resolved. */
struct resolved {
	enum kind kind;
	char iconv[NAME_BYTES_MAX + 8];
};

static void
copy_name(struct resolved *to, const char *a, struct span b)
{
	struct span front = span_str(a);

	memcpy(to->iconv, front.p, front.n);
	if (b.n > 0)
		memcpy(to->iconv + front.n, b.p, b.n);
	to->iconv[front.n + b.n] = '\0';
}

/* Lower case, '_' as '-', quotes gone. False when it cannot be a charset. */
static bool
name_fold(struct span name, char *out, size_t *n)
{
	*n = 0;
	name = span_trim(name);
	for (size_t i = 0; i < name.n; i++) {
		int c = ascii_lower(span_at(name, i));

		if (c == '"' || c == '\'')
			continue;
		if (c == '_')
			c = '-';
		if (!ascii_alnum(c) && c != '-' && c != '.')
			return false;
		if (*n == NAME_BYTES_MAX)
			return false;
		out[(*n)++] = (char)c;
	}
	return *n > 0;
}

static bool
in_family(struct span name, size_t i, struct resolved *out)
{
	struct span number = span_skip(name, span_str(families[i].prefix).n);
	char wanted[NAME_BYTES_MAX + 2] = ",";
	struct span all = span_str(families[i].numbers);

	if (!span_starts(name, families[i].prefix) || number.n == 0)
		return false;
	memcpy(wanted + 1, number.p, number.n);
	wanted[number.n + 1] = ',';
	if (span_search(all, span_of(wanted, number.n + 2)) == all.n)
		return false;
	out->kind = BY_ICONV;
	copy_name(out, families[i].iconv, number);
	return true;
}

static bool
resolve(struct span name, struct resolved *out)
{
	char folded[NAME_BYTES_MAX];
	struct span s = { folded, 0 };

	if (!name_fold(name, folded, &s.n))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(s, names[i].name)) {
			out->kind = names[i].kind;
			copy_name(out, names[i].iconv, SPAN(""));
			return true;
		}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (in_family(s, i, out))
			return true;
	return false;
}

bool
charset_known(struct span name)
{
	struct resolved r;

	return resolve(name, &r);
}

struct charset *
charset_decoder(struct span name)
{
	struct charset *c = mem_new(sizeof(*c));
	struct resolved r;

	c->kind = AS_GUESS;
	if (!resolve(name, &r))
		return c;
	c->kind = r.kind;
	if (r.kind != BY_ICONV)
		return c;
	c->cd = iconv_open("UTF-8", r.iconv);
	if (c->cd == (iconv_t)-1)
		c->kind = AS_GUESS;
	return c;
}

struct charset *
charset_encoder(struct span name)
{
	struct charset *c;
	struct resolved r;
	iconv_t cd = (iconv_t)-1;

	if (!resolve(name, &r))
		return NULL;
	if (r.kind != AS_UTF8) {
		cd = iconv_open(r.iconv, "UTF-8");
		if (cd == (iconv_t)-1)
			return NULL;
	}
	c = mem_new(sizeof(*c));
	c->kind = r.kind == AS_UTF8 ? AS_UTF8 : BY_ICONV;
	c->cd = cd;
	c->encoder = true;
	return c;
}

void
charset_free(struct charset **c)
{
	if (*c == NULL)
		return;
	if ((*c)->kind == BY_ICONV)
		iconv_close((*c)->cd);
	mem_free(c);
}

bool
charset_lossy(const struct charset *c)
{
	return c->lossy;
}

static void
replace(struct charset *c, struct buf *out)
{
	c->lossy = true;
	utf8_add(out, REPLACEMENT);
}

/* A byte of windows-1252 from 0x80. */
static void
add_1252(struct charset *c, int byte, struct buf *out)
{
	static const uint16_t wide[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e,
		0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
		0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
		0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
		0x0178 };

	if (byte >= 0xa0)
		utf8_add(out, (uint32_t)byte);
	else if (wide[byte & 0x1f] != 0)
		utf8_add(out, wide[byte & 0x1f]);
	else
		replace(c, out);
}

/* Could more bytes make s, which does not begin with a character, begin with
 * one? */
static bool
utf8_cut(struct span s)
{
	int first = span_at(s, 0);
	size_t want = first < 0xc2 || first > 0xf4 ? 0
	    : first < 0xe0                         ? 2
	    : first < 0xf0                         ? 3
						   : 4;

	for (size_t i = 1; i < s.n && i < want; i++)
		if (span_at(s, i) < 0x80 || span_at(s, i) > 0xbf)
			return false;
	return s.n < want;
}

static size_t
ascii_run(struct span s)
{
	size_t i = 0;
	uint64_t word;

	for (; s.n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < s.n && span_at(s, i) < 0x80)
		i++;
	return i;
}

/* The kinds that need no module; returns how many bytes were taken. */
static size_t
convert_own(struct charset *c, struct span s, bool last, struct buf *out)
{
	size_t i = 0;

	while (i < s.n) {
		struct span rest = span_skip(s, i);
		size_t n = ascii_run(rest);
		uint32_t wide;

		buf_add(out, rest.p, n);
		if (n == 0 && c->kind != AS_1252) {
			n = utf8_next(rest, &wide);
			buf_add(out, rest.p, n);
			if (n == 0 && !last && utf8_cut(rest))
				return i;
		}
		if (n == 0) {
			n = 1;
			if (c->kind == AS_UTF8)
				replace(c, out);
			else
				add_1252(c, span_at(rest, 0), out);
			c->lossy |= c->kind == AS_GUESS;
		}
		i += n;
	}
	return i;
}

/* What came out of a module; a decoder's word is not taken for it. */
static void
add_converted(struct charset *c, struct span got, struct buf *out)
{
	if (c->encoder)
		buf_add_span(out, got);
	while (!c->encoder && got.n > 0) {
		uint32_t wide;
		size_t n = utf8_next(got, &wide);

		if (n == 0)
			replace(c, out);
		else
			buf_add(out, got.p, n);
		got = span_skip(got, n == 0 ? 1 : n);
	}
}

/* One call of iconv(3): takes from *s, adds to out, returns 0 or errno. s NULL
 * ends the shift state. */
static int
call_iconv(struct charset *c, struct span *s, struct buf *out)
{
	char room[1024], *to = room, *from = NULL;
	size_t left = sizeof(room);
	int failed = 0;

	if (s != NULL) {
		/* iconv's prototype lacks the const */
		memcpy(&from, &s->p, sizeof(from));
		if (iconv(c->cd, &from, &s->n, &to, &left) == (size_t)-1)
			failed = errno;
		s->p = from;
	} else {
		iconv(c->cd, NULL, NULL, &to, &left);
	}
	add_converted(c, span_between(room, to), out);
	return failed;
}

/* Pass over what cannot be converted at the front of *s. */
static void
skip_bad(struct charset *c, struct span *s, struct buf *out)
{
	struct span mark = SPAN("?");
	uint32_t wide;
	size_t n = c->encoder ? utf8_next(*s, &wide) : 1;

	*s = span_skip(*s, n == 0 ? 1 : n);
	c->lossy = true;
	if (c->encoder)
		call_iconv(c, &mark, out);
	else
		replace(c, out);
}

static size_t
convert_iconv(struct charset *c, struct span s, bool last, struct buf *out)
{
	size_t all = s.n;

	while (s.n > 0) {
		size_t before = s.n;
		int failed = call_iconv(c, &s, out);

		if (failed == EINVAL && !last && s.n < HELD_MAX)
			break;
		if (failed == EILSEQ || failed == EINVAL || s.n == before)
			skip_bad(c, &s, out);
	}
	return all - s.n;
}

static size_t
convert(struct charset *c, struct span s, bool last, struct buf *out)
{
	if (c->kind == BY_ICONV)
		return convert_iconv(c, s, last, out);
	return convert_own(c, s, last, out);
}

/* Complete the held character with bytes of *s. */
static void
feed_held(struct charset *c, struct span *s, struct buf *out)
{
	while (c->held_n > 0 && s->n > 0) {
		char joined[HELD_MAX];
		size_t n = c->held_n, taken;

		memcpy(joined, c->held, n);
		joined[n++] = s->p[0];
		*s = span_skip(*s, 1);
		taken = convert(c, span_of(joined, n), n == HELD_MAX, out);
		c->held_n = n - taken;
		memcpy(c->held, joined + taken, c->held_n);
	}
}

void
charset_feed(struct charset *c, struct span s, struct buf *out)
{
	size_t taken;

	feed_held(c, &s, out);
	if (s.n == 0)
		return;
	taken = convert(c, s, false, out);
	c->held_n = s.n - taken;
	memcpy(c->held, s.p + taken, c->held_n);
}

void
charset_finish(struct charset *c, struct buf *out)
{
	if (c->held_n > 0)
		convert(c, span_of(c->held, c->held_n), true, out);
	c->held_n = 0;
	if (c->kind == BY_ICONV)
		call_iconv(c, NULL, out);
}

bool
charset_to_utf8(struct buf *out, struct span s, struct span name)
{
	struct charset *c = charset_decoder(name);
	bool fine;

	charset_feed(c, s, out);
	charset_finish(c, out);
	fine = !c->lossy && charset_known(name);
	charset_free(&c);
	return fine;
}

bool
charset_from_utf8(struct buf *out, struct span s, struct span name)
{
	struct charset *c = charset_encoder(name);
	size_t before = out->n;
	bool fine;

	if (c == NULL)
		return false;
	charset_feed(c, s, out);
	charset_finish(c, out);
	fine = !c->lossy;
	if (!fine)
		buf_cut(out, before);
	charset_free(&c);
	return fine;
}
