/*
 * sort.c - messages in an order (RFC 5256, 5957)
 *
 * What a message is sorted by never changes. So the order of a whole folder is
 * kept, as UIDs, for as long as it is selected: a later SORT picks those that
 * match out of it, and new messages are put in where they belong.
 */

#include "imapd/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/match.h"
#include "imapd/numbers.h"
#include "imapd/recall.h"
#include "imapd/session.h"
#include "imapd/subject.h"
#include "mailbox/view.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/header.h"
#include "wire/imap_parse.h"

enum {
	ORDERS_MOST = 3, /* kept at a time */
	ALONE_BELOW = 4, /* a smaller part than this is sorted by itself */
	NEW_BELOW = 8 /* more new ones than this part: sort anew */
};

/* What a message is sorted by, as far as the program asks. */
struct sorted {
	uint32_t at;
	int64_t arrival, date;
	uint64_t size;
	struct span text[SORT_KEYS];
};

static bool
read_key(struct span *args, struct sort_program *p)
{
	static const char *const names[SORT_KEYS] = { "ARRIVAL", "CC", "DATE",
		"FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO" };
	bool reverse = false;
	struct span word;

	if (!imap_atom(args, &word) || p->count == SORT_STEPS_MOST)
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

bool
sort_read(struct span *args, struct sort_program *p)
{
	memset(p, 0, sizeof(*p));
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
static void
shown(struct session *s, const struct address_entry *e, struct span *kept)
{
	struct buf out = BUF_EMPTY;

	if (e->kind == ADDRESS_MAILBOX)
		encode_words_decode(&out, e->name);
	if (out.n == 0 && e->kind == ADDRESS_MAILBOX) {
		buf_add_span(&out, e->local);
		buf_add_byte(&out, '@');
		buf_add_span(&out, e->domain);
	} else if (out.n == 0) {
		buf_add_span(&out, e->name);
	}
	*kept = folded(s, buf_span(&out));
	buf_free(&out);
}

static void
mailbox_of(struct session *s, const struct address_entry *e, struct span *kept)
{
	*kept = folded(s, e->kind == ADDRESS_MAILBOX ? e->local : e->name);
}

/* *kept lives as long as the command. */
typedef void
address_fn(struct session *s, const struct address_entry *e, struct span *kept);

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
		fn(s, &list.list[0], &found);
	arena_free(&a);
	return found;
}

struct span
sort_subject(struct session *s, struct span header, bool *reply)
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

struct span
sort_header(struct session *s, size_t i, int64_t *arrival)
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

int64_t
sort_sent_date(struct span header, int64_t arrival)
{
	struct header_field f;
	struct date d;

	return header_find(header, "Date", &f) && date_parse(f.value, &d)
	    ? d.time
	    : arrival;
}

static void
ask_header(struct session *s, const struct sort_program *p, struct sorted *m)
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
	struct span header = sort_header(s, m->at, &m->arrival);
	bool reply;

	m->date = sort_sent_date(header, m->arrival);
	if (p->wants[SORT_SUBJECT])
		m->text[SORT_SUBJECT] = sort_subject(s, header, &reply);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (p->wants[keys[i].key])
			m->text[keys[i].key] =
			    of_first(s, header, keys[i].field, keys[i].fn);
}

static void
ask(struct session *s, const struct sort_program *p, struct sorted *m)
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

/* --- the order --- */

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
	const struct sort_program *p = arg;
	const struct sorted *a = x, *b = y;

	for (size_t i = 0; i < p->count; i++) {
		int got = compare_key(a, b, p->steps[i].key);

		if (got != 0)
			return p->steps[i].reverse ? -got : got;
	}
	return a->at < b->at ? -1 : a->at > b->at;
}

/* --- the order of all --- */

struct place {
	uint32_t uid;
	uint32_t at; /* where it was last seen */
};

struct order {
	struct sort_program program;
	struct place *list;
	size_t count;
	uint32_t last; /* all up to this UID are in it */
	unsigned used; /* greater: later */
};

struct sort_orders {
	struct order list[ORDERS_MOST];
	unsigned clock;
};

void
sort_forget(struct session *s)
{
	if (s->orders == NULL)
		return;
	for (size_t i = 0; i < ORDERS_MOST; i++)
		free(s->orders->list[i].list);
	mem_free(&s->orders);
}

static bool
same_program(const struct sort_program *a, const struct sort_program *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->steps[i].key != b->steps[i].key ||
		    a->steps[i].reverse != b->steps[i].reverse)
			return false;
	return true;
}

/* The one kept for the program, or NULL. */
static struct order *
order_kept(const struct session *s, const struct sort_program *p)
{
	for (size_t i = 0; s->orders != NULL && i < ORDERS_MOST; i++) {
		struct order *o = &s->orders->list[i];

		if (o->list != NULL && same_program(&o->program, p))
			return o;
	}
	return NULL;
}

/* The place of the one to be given up. */
static struct order *
order_new(struct session *s, const struct sort_program *p)
{
	struct order *oldest;

	if (s->orders == NULL)
		s->orders = mem_new(sizeof(*s->orders));
	oldest = &s->orders->list[0];
	for (size_t i = 1; i < ORDERS_MOST; i++)
		if (s->orders->list[i].used < oldest->used)
			oldest = &s->orders->list[i];
	mem_free(&oldest->list);
	oldest->program = *p;
	oldest->count = 0;
	oldest->last = 0;
	return oldest;
}

/* The place of a message in the view now; false when it is gone. */
static bool
place_find(const struct view *v, struct place *p)
{
	size_t count = view_count(v);

	if (p->at >= count || view_at(v, p->at)->uid != p->uid)
		p->at = (uint32_t)view_find(v, p->uid);
	return p->at < count && view_at(v, p->at)->uid == p->uid &&
	    (view_at(v, p->at)->bits & MSG_GONE) == 0;
}

static void
sort_list(struct session *s, struct sort_program *p, uint32_t *at, size_t n)
{
	struct sorted *list = mem_array(n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++) {
		list[i].at = at[i];
		ask(s, p, &list[i]);
	}
	if (n > 1)
		qsort_r(list, n, sizeof(*list), sorted_cmp, p);
	for (size_t i = 0; i < n; i++)
		at[i] = list[i].at;
	free(list);
}

static void
order_make(struct session *s, struct order *o)
{
	size_t count = view_count(s->view), n = 0;
	uint32_t *at = mem_array(count + 1, sizeof(*at));

	for (size_t i = 0; i < count; i++)
		if ((view_at(s->view, i)->bits & MSG_GONE) == 0)
			at[n++] = (uint32_t)i;
	sort_list(s, &o->program, at, n);
	o->list = mem_resize(o->list, n + 1, sizeof(*o->list));
	for (size_t i = 0; i < n; i++) {
		o->list[i].at = at[i];
		o->list[i].uid = view_at(s->view, at[i])->uid;
	}
	o->count = n;
	o->last = count == 0 ? 0 : view_at(s->view, count - 1)->uid;
	free(at);
}

/* What is gone leaves the order. */
static void
order_thin(const struct session *s, struct order *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++)
		if (place_find(s->view, &o->list[i]))
			o->list[kept++] = o->list[i];
	o->count = kept;
}

static void
order_insert(struct session *s, struct order *o, size_t i)
{
	struct sorted new = { .at = (uint32_t)i };
	size_t low = 0, high = o->count;

	ask(s, &o->program, &new);
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct sorted other = { .at = o->list[mid].at };

		ask(s, &o->program, &other);
		if (sorted_cmp(&other, &new, &o->program) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	memmove(o->list + low + 1, o->list + low,
	    (o->count - low) * sizeof(*o->list));
	o->list[low] = (struct place){ view_at(s->view, i)->uid, new.at };
	o->count++;
}

static void
order_update(struct session *s, struct order *o)
{
	size_t count = view_count(s->view);
	size_t first = view_find(s->view, o->last + 1);

	if (o->list == NULL || count - first > o->count / NEW_BELOW) {
		order_make(s, o);
		return;
	}
	if (first == count)
		return;
	order_thin(s, o);
	o->list =
	    mem_resize(o->list, o->count + count - first + 1, sizeof(*o->list));
	for (size_t i = first; i < count; i++)
		if ((view_at(s->view, i)->bits & MSG_GONE) == 0)
			order_insert(s, o, i);
	o->last = view_at(s->view, count - 1)->uid;
}

/* Those of n, in the order. */
static void
order_pick(const struct session *s, struct order *o, struct numbers *n)
{
	bool *wanted = mem_array(view_count(s->view) + 1, sizeof(*wanted));
	size_t count = 0;

	for (size_t i = 0; i < n->count; i++)
		wanted[n->list[i]] = true;
	for (size_t i = 0; i < o->count && count < n->count; i++)
		if (place_find(s->view, &o->list[i]) && wanted[o->list[i].at])
			n->list[count++] = o->list[i].at;
	n->count = count;
	free(wanted);
}

void
sort_places(struct session *s, const struct sort_program *p, struct numbers *n)
{
	struct order *o = order_kept(s, p);
	struct sort_program alone = *p;

	if (n->count < 2)
		return;
	if (o == NULL && n->count < view_count(s->view) / ALONE_BELOW) {
		sort_list(s, &alone, n->list, n->count);
		return;
	}
	if (o == NULL)
		o = order_new(s, p);
	o->used = ++s->orders->clock;
	order_update(s, o);
	order_pick(s, o, n);
}
