/*
 * cmd_sort.c - SORT and THREAD (RFC 5256)
 *
 * What a message is sorted by is asked once, out of facteur.cache where it can
 * be, and kept in the command's memory.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/match.h"
#include "imapd/recall.h"
#include "imapd/reply.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/subject.h"
#include "imapd/sync.h"
#include "imapd/thread.h"
#include "mailbox/view.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/header.h"
#include "wire/imap_parse.h"
#include "wire/imap_search.h"

enum sort_key {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_FROM,
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
	SORT_DISPLAYFROM, /* RFC 5957 */
	SORT_DISPLAYTO,
	SORT_KEYS
};

enum { PROGRAM_MOST = 20, REFS_MOST = 200 };

struct program {
	struct {
		enum sort_key key;
		bool reverse;
	} steps[PROGRAM_MOST];
	size_t count;
	bool wants[SORT_KEYS];
	bool wants_header;
	struct imap_search returns; /* RETURN (...) (RFC 5267, 3.1) */
};

/* What a message is sorted by, as far as the program asks. */
struct sorted {
	uint32_t at;
	int64_t arrival, date;
	uint64_t size;
	struct span text[SORT_KEYS];
};

static bool
read_key(struct span *args, struct program *p)
{
	static const char *const names[SORT_KEYS] = { "ARRIVAL", "CC", "DATE",
		"FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO" };
	bool reverse = false;
	struct span word;

	if (!imap_atom(args, &word) || p->count == PROGRAM_MOST)
		return false;
	if (span_iis(word, "REVERSE")) {
		reverse = true;
		if (!imap_space(args) || !imap_atom(args, &word))
			return false;
	}
	for (int k = 0; k < SORT_KEYS; k++)
		if (span_iis(word, names[k])) {
			p->steps[p->count].key = (enum sort_key)k;
			p->steps[p->count++].reverse = reverse;
			p->wants[k] = true;
			if (k != SORT_ARRIVAL && k != SORT_SIZE)
				p->wants_header = true;
			return true;
		}
	return false;
}

static bool
read_program(struct span *args, struct program *p)
{
	if (!imap_char(args, '('))
		return false;
	do {
		if (!read_key(args, p))
			return false;
	} while (imap_space(args));
	return imap_char(args, ')');
}

/* --- what a message says --- */

static struct span
folded(struct session *s, struct span text)
{
	struct buf out = BUF_EMPTY;
	struct span kept;

	match_fold(&out, text);
	kept = arena_span(s->a, buf_span(&out));
	buf_free(&out);
	return kept;
}

/* What people see of an address: its name, or else the address (RFC 5957, 3).
 */
static struct span
shown(struct session *s, const struct address_entry *e)
{
	struct buf out = BUF_EMPTY;
	struct span kept;

	if (e->kind == ADDRESS_MAILBOX)
		encode_words_decode(&out, e->name);
	if (out.n == 0 && e->kind == ADDRESS_MAILBOX) {
		buf_add_span(&out, e->local);
		buf_add_byte(&out, '@');
		buf_add_span(&out, e->domain);
	} else if (out.n == 0) {
		buf_add_span(&out, e->name);
	}
	kept = folded(s, buf_span(&out));
	buf_free(&out);
	return kept;
}

static struct span
mailbox_of(struct session *s, const struct address_entry *e)
{
	return folded(s, e->kind == ADDRESS_MAILBOX ? e->local : e->name);
}

typedef struct span
address_fn(struct session *s, const struct address_entry *e);

/* What fn makes of the first address. */
static struct span
of_first(
    struct session *s, struct span header, const char *name, address_fn *fn)
{
	struct arena *a;
	struct address_list list;
	struct header_field f;
	struct span found = SPAN("");

	if (!header_find(header, name, &f))
		return found;
	a = arena_new();
	address_list_parse(a, f.value, &list);
	if (list.count > 0)
		found = fn(s, &list.list[0]);
	arena_free(&a);
	return found;
}

static struct span
base_subject(struct session *s, struct span header, bool *reply)
{
	struct buf out = BUF_EMPTY;
	struct header_field f;
	struct span kept;

	*reply =
	    header_find(header, "Subject", &f) && subject_base(&out, f.value);
	kept = arena_span(s->a, buf_span(&out));
	buf_free(&out);
	return kept;
}

/* A message that cannot be read has an empty header and no date. */
static struct span
header_of(struct session *s, size_t i, int64_t *arrival)
{
	struct span header;
	struct why why;

	why_init(&why);
	if (view_date(s->view, i, arrival, &why) == -1)
		*arrival = 0;
	if (recall_fields(s, i, &header, &why) == -1)
		header = SPAN("");
	why_free(&why);
	return header;
}

static int64_t
sent_date(struct span header, int64_t arrival)
{
	struct header_field f;
	struct date d;

	return header_find(header, "Date", &f) && date_parse(f.value, &d)
	    ? d.time
	    : arrival;
}

static void
ask_header(struct session *s, const struct program *p, struct sorted *m)
{
	static const struct {
		enum sort_key key;
		const char *field;
		address_fn *fn;
	} keys[] = {
		{ SORT_CC, "Cc", mailbox_of },
		{ SORT_FROM, "From", mailbox_of },
		{ SORT_TO, "To", mailbox_of },
		{ SORT_DISPLAYFROM, "From", shown },
		{ SORT_DISPLAYTO, "To", shown },
	};
	struct span header = header_of(s, m->at, &m->arrival);
	bool reply;

	m->date = sent_date(header, m->arrival);
	if (p->wants[SORT_SUBJECT])
		m->text[SORT_SUBJECT] = base_subject(s, header, &reply);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (p->wants[keys[i].key])
			m->text[keys[i].key] =
			    of_first(s, header, keys[i].field, keys[i].fn);
}

static void
ask(struct session *s, const struct program *p, struct sorted *m)
{
	struct why why;

	if (p->wants_header)
		ask_header(s, p, m);
	why_init(&why);
	if (p->wants[SORT_ARRIVAL] &&
	    view_date(s->view, m->at, &m->arrival, &why) == -1)
		m->arrival = 0;
	if (p->wants[SORT_SIZE] &&
	    view_wire_size(s->view, m->at, &m->size, &why) == -1)
		m->size = 0;
	why_free(&why);
}

/* --- SORT --- */

static int
compare_key(const struct sorted *a, const struct sorted *b, enum sort_key key)
{
	switch (key) {
	case SORT_ARRIVAL:
		return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
	case SORT_DATE:
		return a->date < b->date ? -1 : a->date > b->date;
	case SORT_SIZE:
		return a->size < b->size ? -1 : a->size > b->size;
	case SORT_CC:
	case SORT_FROM:
	case SORT_SUBJECT:
	case SORT_TO:
	case SORT_DISPLAYFROM:
	case SORT_DISPLAYTO:
	case SORT_KEYS:
		break;
	}
	return span_cmp(a->text[key], b->text[key]);
}

static int
sorted_cmp(const void *x, const void *y, void *arg)
{
	const struct program *p = arg;
	const struct sorted *a = x, *b = y;

	for (size_t i = 0; i < p->count; i++) {
		int got = compare_key(a, b, p->steps[i].key);

		if (got != 0)
			return p->steps[i].reverse ? -got : got;
	}
	return a->at < b->at ? -1 : a->at > b->at;
}

static uint32_t
told_number(const struct session *s, uint32_t at)
{
	return s->uid ? view_at(s->view, at)->uid : at + 1;
}

static void
put_sorted(const struct found *found, struct buf *out)
{
	buf_add_str(out, "* SORT");
	for (size_t i = 0; i < found->count; i++) {
		buf_add_byte(out, ' ');
		buf_add_number(out, found->list[i]);
	}
}

/* The numbers of n become those that are told, in their order. */
static void
sort(struct session *s, struct program *p, const struct numbers *n)
{
	struct sorted *list = mem_array(n->count + 1, sizeof(*list));
	const struct found found = { .list = n->list, .count = n->count };
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < n->count; i++) {
		list[i].at = n->list[i];
		ask(s, p, &list[i]);
	}
	if (n->count > 1)
		qsort_r(list, n->count, sizeof(*list), sorted_cmp, p);
	for (size_t i = 0; i < n->count; i++)
		n->list[i] = told_number(s, list[i].at);
	if (p->returns.has_return)
		search_put(s, &p->returns, &found, &out);
	else
		put_sorted(&found, &out);
	buf_add_str(&out, "\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
	free(list);
	sync_tell(s, s->uid);
	reply_ok(s, NULL, "Sort completed");
}

void
cmd_sort(struct session *s, struct span args)
{
	struct program p = { .count = 0 };
	struct numbers n;

	if (!imap_space(&args) || !imap_search_return(&args, &p.returns) ||
	    p.returns.save || !read_program(&args, &p)) {
		reply_bad(s, "SORT wants criteria");
		return;
	}
	if (!search_places(s, args, &n))
		return;
	sort(s, &p, &n);
	numbers_free(&n);
}

/* --- THREAD --- */

/* The ids of a field; of many the last ones, which are the nearest. */
static size_t
ids_of(struct session *s, struct span header, const char *name, size_t most,
    struct span ids[])
{
	struct header_field f;
	struct buf id = BUF_EMPTY;
	struct span rest;
	size_t n = 0;

	if (!header_find(header, name, &f))
		return 0;
	rest = f.value;
	while (thread_next_id(&rest, &id)) {
		if (n == most && most > 1) {
			memmove(ids, ids + 1, (most - 1) * sizeof(*ids));
			n--;
		}
		if (n < most)
			ids[n++] = arena_span(s->a, buf_span(&id));
		buf_clear(&id);
	}
	buf_free(&id);
	return n;
}

static void
take_refs(struct session *s, struct span header, struct thread_message *m)
{
	struct span ids[REFS_MOST], *kept;
	size_t n = ids_of(s, header, "Message-ID", 1, ids);

	m->id = n == 0 ? SPAN("") : ids[0];
	n = ids_of(s, header, "References", REFS_MOST, ids);
	if (n == 0)
		n = ids_of(s, header, "In-Reply-To", 1, ids);
	if (n == 0)
		return;
	kept = arena_array(s->a, n, sizeof(*kept));
	memcpy(kept, ids, n * sizeof(*kept));
	m->refs = kept;
	m->ref_count = n;
}

static void
thread(struct session *s, const struct numbers *n, bool references)
{
	struct thread_message *list = mem_array(n->count + 1, sizeof(*list));
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < n->count; i++) {
		struct thread_message *m = &list[i];
		int64_t arrival;
		struct span header = header_of(s, n->list[i], &arrival);

		m->number = told_number(s, n->list[i]);
		m->date = sent_date(header, arrival);
		m->subject = base_subject(s, header, &m->reply);
		if (references)
			take_refs(s, header, m);
	}
	buf_add_str(&out, n->count > 0 ? "* THREAD " : "* THREAD");
	if (references)
		thread_by_references(list, n->count, &out);
	else
		thread_by_subject(list, n->count, &out);
	buf_add_str(&out, "\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
	free(list);
	sync_tell(s, s->uid);
	reply_ok(s, NULL, "Thread completed");
}

void
cmd_thread(struct session *s, struct span args)
{
	bool references = false, known = false;
	struct numbers n;

	if (imap_space(&args)) {
		references = imap_is_word(&args, "REFERENCES");
		known = references || imap_is_word(&args, "ORDEREDSUBJECT");
	}
	if (!known) {
		reply_bad(s, "THREAD wants REFERENCES or ORDEREDSUBJECT");
		return;
	}
	if (!search_places(s, args, &n))
		return;
	thread(s, &n, references);
	numbers_free(&n);
}
