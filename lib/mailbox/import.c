/*
 * import.c - taking over a folder from Courier or Dovecot
 *
 * All is read into one table of messages by base name; then those with a UID
 * are sorted. A line that makes no sense costs that line only.
 */

#include "mailbox/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/table.h"
#include "mailbox/flags.h"
#include "mailbox/import_keywords.h"
#include "os/file.h"

#define COURIER_UIDS "courierimapuiddb"
#define DOVECOT_UIDS "dovecot-uidlist"
#define COURIER_POP3 "courierpop3dsizelist"

struct importing {
	int dir;
	struct arena *a;
	struct import *out;
	struct table *by_base; /* struct uid_entry */
	struct buf text;
};

static struct uid_entry *
entry_of(struct importing *im, struct span base)
{
	struct uid_entry *e = table_get(im->by_base, base);

	if (e != NULL)
		return e;
	e = arena_alloc(im->a, sizeof(*e));
	e->base = arena_span(im->a, base);
	(void)table_put(im->by_base, base, e);
	return e;
}

/* The whole file into im->text; false when it is not there. */
static bool
read_file(struct importing *im, const char *name)
{
	int fd = file_open(im->dir, name, O_RDONLY, 0);
	struct stat st;
	bool ok;

	buf_clear(&im->text);
	ok = fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    file_read_all(fd, IMPORT_BYTES_MAX, &im->text) == 0;
	file_close(&fd);
	return ok;
}

/* "1 UIDVALIDITY NEXT", and "UID base" for each message. */
static bool
read_courier_uids(struct importing *im, struct span text)
{
	struct span line, word;
	uint64_t validity, next, uid;

	if (!span_line(&text, &line) || !span_cut(&line, ' ', &word) ||
	    !span_is(word, "1") || !span_cut(&line, ' ', &word) ||
	    !number_parse(word, 1, UINT32_MAX, &validity) ||
	    !number_parse(span_trim(line), 1, UINT32_MAX, &next))
		return false;
	while (span_line(&text, &line)) {
		if (!span_cut(&line, ' ', &word) || line.n == 0 ||
		    !number_parse(word, 1, UINT32_MAX - 1, &uid)) {
			im->out->skipped++;
			continue;
		}
		entry_of(im, flags_base(line))->uid = (uint32_t)uid;
	}
	im->out->head.validity = (uint32_t)validity;
	im->out->head.next = (uint32_t)next;
	return true;
}

/* It is told as a name of the mailbox (RFC 8474), so it must be one. */
static bool
is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (number_hex_digit((unsigned char)s.p[i]) == -1)
			return false;
	return true;
}

/* Fields of the head of version 3: "V1795488878 N48 G...". */
static void
read_dovecot_head(struct importing *im, struct span line)
{
	struct uidlist_head *h = &im->out->head;
	struct span word;
	uint64_t n;

	while (span_word(&line, " ", &word)) {
		struct span value = span_skip(word, 1);

		if (word.p[0] == 'V' && number_parse(value, 1, UINT32_MAX, &n))
			h->validity = (uint32_t)n;
		else if (word.p[0] == 'N' &&
		    number_parse(value, 1, UINT32_MAX, &n))
			h->next = (uint32_t)n;
		else if (word.p[0] == 'G' && value.n == UIDLIST_GUID &&
		    is_hex(value))
			memcpy(h->guid, value.p, UIDLIST_GUID);
	}
}

/* "2 W75 P.. :1795488108.M65174P20482.vm,S=70:2,S"; in version 2 a flags field
 * follows the UID and no ':' stands before the name. */
static bool
read_dovecot_line(struct importing *im, struct span line, bool v3)
{
	struct span word, uidl = { NULL, 0 };
	struct uid_entry *e;
	uint64_t uid;

	if (!span_cut(&line, ' ', &word) ||
	    !number_parse(word, 1, UINT32_MAX - 1, &uid))
		return false;
	if (!v3 && !span_cut(&line, ' ', &word))
		return false;
	while (v3 && line.n > 0 && line.p[0] != ':') {
		if (!span_cut(&line, ' ', &word))
			return false;
		if (word.n > 1 && word.p[0] == 'P')
			uidl = span_skip(word, 1);
	}
	if (v3)
		line = span_skip(line, 1);
	if (line.n == 0 || flags_base(line).n == 0)
		return false;
	e = entry_of(im, flags_base(line));
	e->uid = (uint32_t)uid;
	if (uidl.n > 0)
		e->uidl = arena_span(im->a, uidl);
	return true;
}

/* "2 UIDVALIDITY NEXT" */
static void
read_dovecot_head_2(struct importing *im, struct span rest)
{
	struct span word;
	uint64_t validity, next;

	if (!span_cut(&rest, ' ', &word) ||
	    !number_parse(word, 1, UINT32_MAX, &validity) ||
	    !number_parse(span_trim(rest), 1, UINT32_MAX, &next))
		return;
	im->out->head.validity = (uint32_t)validity;
	im->out->head.next = (uint32_t)next;
}

static bool
read_dovecot_uids(struct importing *im, struct span text)
{
	struct span all = text, line;
	bool v3;

	if (!span_line(&text, &line))
		return false;
	if (span_starts(line, "1 "))
		return read_courier_uids(im, all);
	v3 = span_starts(line, "3 ");
	if (v3)
		read_dovecot_head(im, span_skip(line, 2));
	else if (span_starts(line, "2 "))
		read_dovecot_head_2(im, span_skip(line, 2));
	if (im->out->head.validity == 0)
		return false;
	while (span_line(&text, &line))
		if (!read_dovecot_line(im, line, v3))
			im->out->skipped++;
	return true;
}

/* Bytes that Courier writes as +XX in a POP3 name made of a file's name. */
static void
courier_base_uidl(struct buf *out, struct span base)
{
	for (size_t i = 0; i < base.n; i++) {
		unsigned char c = (unsigned char)base.p[i];

		if (c < 0x21 || c > 0x7e || c == '\'' || c == '"' || c == '+')
			buf_printf(out, "+%02X", c);
		else
			buf_add_byte(out, (char)c);
	}
}

/* "base size n:uidv:u": the POP3 name that Courier showed. */
static bool
courier_uidl(struct span line, struct span *base, struct buf *uidl)
{
	struct span word, number;
	uint64_t n = 0, validity = 0;
	size_t at = span_rfind(line, ' '); /* from behind: bases may have ' ' */

	if (at == line.n)
		return false;
	word = span_skip(line, at + 1);
	line = span_head(line, at);
	at = span_rfind(line, ' ');
	if (at == line.n)
		return false;
	*base = span_head(line, at);
	if (!span_cut(&word, ':', &number) ||
	    !number_parse(number, 0, UINT64_MAX, &n))
		return false;
	if (span_cut(&word, ':', &number) &&
	    !number_parse(number, 0, UINT64_MAX, &validity))
		return false;
	if (n == 0)
		courier_base_uidl(uidl, *base);
	else if (validity == 0)
		buf_printf(uidl, "UID%" PRIu64, n);
	else
		buf_printf(uidl, "UID%" PRIu64 "-%" PRIu64, n, validity);
	return base->n > 0;
}

static void
read_courier_pop3(struct importing *im)
{
	struct span text, line, base;
	struct buf uidl = BUF_EMPTY;

	if (!read_file(im, COURIER_POP3))
		return;
	text = buf_span(&im->text);
	if (!span_line(&text, &line) ||
	    !(span_starts(line, "/3 ") || span_starts(line, "/2 ")))
		return;
	while (span_line(&text, &line)) {
		struct uid_entry *e;

		buf_clear(&uidl);
		if (!courier_uidl(line, &base, &uidl)) {
			im->out->skipped++;
			continue;
		}
		e = entry_of(im, flags_base(base));
		if (e->uidl.n == 0)
			e->uidl = arena_span(im->a, buf_span(&uidl));
	}
	buf_free(&uidl);
}

static int64_t
mtime_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) == 0 ? st.st_mtime : INT64_MIN;
}

static enum import_source
read_uids(struct importing *im)
{
	int64_t theirs = mtime_of(im->dir, DOVECOT_UIDS);
	bool dovecot = theirs > mtime_of(im->dir, COURIER_UIDS);

	for (int i = 0; i < 2; i++, dovecot = !dovecot) {
		if (!read_file(im, dovecot ? DOVECOT_UIDS : COURIER_UIDS))
			continue;
		if (dovecot ? read_dovecot_uids(im, buf_span(&im->text))
			    : read_courier_uids(im, buf_span(&im->text)))
			return dovecot ? IMPORT_DOVECOT : IMPORT_COURIER;
	}
	return IMPORT_NONE;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct uid_entry *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return span_cmp(x->base, y->base);
}

/* Two messages of one UID: the second is as one that has none. */
static void
collect(struct importing *im)
{
	struct import *out = im->out;
	size_t at = 0, n = 0, kept = 0;
	struct span key;
	void *value;

	out->list = arena_array(
	    im->a, table_count(im->by_base) + 1, sizeof(*out->list));
	while (table_next(im->by_base, &at, &key, &value)) {
		struct uid_entry *e = value;

		if (e->uid != 0)
			out->list[n++] = *e;
	}
	qsort(out->list, n, sizeof(*out->list), entry_cmp);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && out->list[kept - 1].uid == out->list[i].uid)
			out->skipped++;
		else
			out->list[kept++] = out->list[i];
	}
	out->count = kept;
	if (kept > 0 && out->head.next <= out->list[kept - 1].uid)
		out->head.next = out->list[kept - 1].uid + 1;
	if (out->head.next == 0)
		out->head.next = 1;
}

bool
import_wants_files(int dir)
{
	struct stat st;

	return fstatat(dir, DOVECOT_UIDS, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(dir, DOVECOT_KEYWORDS, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void
import_read(int dir, const struct span *files, size_t file_count,
    struct arena *a, struct import *out)
{
	struct importing im = { .dir = dir, .a = a, .out = out };
	struct import_keywords kw = { .dir = dir, .a = a };

	memset(out, 0, sizeof(*out));
	out->names = keywords_new();
	out->by_base = im.by_base = table_new();
	out->source = read_uids(&im);
	read_courier_pop3(&im);
	kw.by_base = im.by_base;
	kw.names = out->names;
	if (out->source == IMPORT_DOVECOT)
		import_dovecot_keywords(&kw, files, file_count);
	else if (out->source == IMPORT_COURIER)
		import_courier_keywords(&kw);
	out->lost = kw.lost;
	collect(&im);
	buf_free(&im.text);
}

void
import_done(struct import *im)
{
	keywords_free(&im->names);
	table_free(&im->by_base, NULL);
}
