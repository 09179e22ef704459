/* export.c - a folder as Courier and Dovecot want to find it */

#include "mailbox/export.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "mailbox/flags.h"

/* A line of its own cannot hold it: the message is then a new one to them. */
static bool
no_line(const struct export_message *m)
{
	return span_has_break(m->base);
}

void
export_dovecot_uids(const struct export_folder *f, struct buf *out)
{
	buf_printf(out, "3 V%" PRIu32 " N%" PRIu32 " G%s\n", f->validity,
	    f->next, f->guid);
	for (size_t i = 0; i < f->count; i++) {
		const struct export_message *m = &f->list[i];

		if (no_line(m))
			continue;
		buf_printf(out, "%" PRIu32 " ", m->uid);
		if (m->uidl.n > 0 && !span_has_break(m->uidl) &&
		    span_find(m->uidl, ' ') == m->uidl.n) {
			buf_add_byte(out, 'P');
			buf_add_span(out, m->uidl);
			buf_add_byte(out, ' ');
		}
		buf_add_byte(out, ':');
		buf_add_span(out, m->base);
		buf_add_byte(out, '\n');
	}
}

/* Which of the folder's keywords any message has. */
static struct kwset
used(const struct export_folder *f)
{
	struct kwset all = { { 0, 0 } };

	for (size_t i = 0; i < f->count; i++) {
		all.w[0] |= f->list[i].kw.w[0];
		all.w[1] |= f->list[i].kw.w[1];
	}
	return all;
}

size_t
export_dovecot_keywords(
    const struct export_folder *f, char *letter_of, struct buf *out)
{
	struct kwset all = used(f);
	size_t left = 0;
	int n = 0;

	memset(letter_of, 0, KEYWORDS_MAX);
	for (size_t i = 0; i < keywords_count(f->names); i++) {
		struct span name = keywords_name(f->names, i);

		if (name.p == NULL || !kwset_has(&all, i))
			continue;
		if (n == EXPORT_LETTERS) {
			left++;
			continue;
		}
		letter_of[i] = (char)('a' + n);
		buf_printf(out, "%d %.*s\n", n++, (int)name.n, name.p);
	}
	return left;
}

void
export_letters(struct span name, const struct kwset *kw, const char *letter_of,
    struct buf *out)
{
	struct span base = flags_base(name), info = span_skip(name, base.n);
	unsigned char wanted[256] = { 0 };

	if (span_starts(info, ":2,"))
		for (size_t i = 3; i < info.n; i++)
			wanted[span_at(info, i)] = 1;
	for (unsigned c = 'a'; c <= 'z'; c++)
		wanted[c] = 0;
	for (size_t i = 0; i < KEYWORDS_MAX; i++)
		if (kwset_has(kw, i) && letter_of[i] != '\0')
			wanted[(unsigned char)letter_of[i]] = 1;
	buf_add_span(out, base);
	buf_add_str(out, ":2,");
	for (unsigned c = 0; c < 256; c++)
		if (wanted[c])
			buf_add_byte(out, (char)c);
}

void
export_courier_uids(const struct export_folder *f, struct buf *out)
{
	buf_printf(out, "1 %" PRIu32 " %" PRIu32 "\n", f->validity, f->next);
	for (size_t i = 0; i < f->count; i++)
		if (!no_line(&f->list[i]))
			buf_printf(out, "%" PRIu32 " %.*s\n", f->list[i].uid,
			    (int)f->list[i].base.n, f->list[i].base.p);
}

void
export_courier_keywords(const struct export_folder *f, struct buf *out)
{
	struct kwset all = used(f);
	size_t number[KEYWORDS_MAX] = { 0 }, n = 0;

	for (size_t i = 0; i < keywords_count(f->names); i++) {
		struct span name = keywords_name(f->names, i);

		if (name.p == NULL || !kwset_has(&all, i))
			continue;
		number[i] = n++;
		buf_printf(out, "%.*s\n", (int)name.n, name.p);
	}
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < f->count; i++) {
		char mark = ':';

		if (kwset_empty(&f->list[i].kw) || no_line(&f->list[i]))
			continue;
		buf_add_span(out, f->list[i].base);
		for (size_t k = 0; k < keywords_count(f->names); k++) {
			if (!kwset_has(&f->list[i].kw, k) ||
			    keywords_name(f->names, k).p == NULL)
				continue;
			buf_printf(out, "%c%zu", mark, number[k]);
			mark = ' ';
		}
		buf_add_byte(out, '\n');
	}
}
