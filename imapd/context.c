/*
 * context.c - results of searches that are kept up to date (RFC 5267)
 *
 * A result is kept as UIDs. What can change it are messages that are new or
 * have a greater sequence than when it was looked at last, so those alone are
 * asked again. Where a result has an order of its own the places are told with
 * the changes, else the client knows them (4.3.3).
 */

#include "imapd/context.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "imapd/fetch.h"
#include "imapd/reply.h"
#include "imapd/saved.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sort.h"
#include "imapd/sync.h"
#include "mailbox/view.h"
#include "wire/imap_fetch.h"
#include "wire/imap_parse.h"

enum { CONTEXTS_MOST = 20 };

struct context {
	struct context *next;
	struct arena *a; /* of all that is pointed to */
	struct span tag;
	bool uid;
	struct imap_search keys;
	bool sorted;
	struct sort_program order;
	const struct imap_fetch *fetch;
	uint32_t *list; /* UIDs in the result's order */
	size_t count;
	uint32_t last; /* UIDs beyond it were not asked yet */
	uint64_t seen; /* nor what has a greater sequence */
};

/* --- keeping --- */

static struct context **
find(struct session *s, struct span tag)
{
	struct context **at = &s->contexts;

	while (*at != NULL && !span_eq((*at)->tag, tag))
		at = &(*at)->next;
	return at;
}

bool
context_known(const struct session *s)
{
	for (const struct context *c = s->contexts; c != NULL; c = c->next)
		if (span_eq(c->tag, s->tag))
			return true;
	return false;
}

static void
context_free(struct context **c)
{
	free((*c)->list);
	arena_free(&(*c)->a);
	mem_free(c);
}

/* Numbers mean the messages that have them now (4.3). */
static void
freeze_numbers(struct session *s, struct imap_set *set)
{
	size_t count = view_count(s->view), kept = 0;

	imap_set_resolve(set, (uint32_t)count);
	for (size_t i = 0; i < set->count; i++) {
		struct imap_range r = set->list[i];

		if (r.first > count || r.last == 0)
			continue;
		if (r.first == 0)
			r.first = 1;
		if (r.last > count)
			r.last = (uint32_t)count;
		set->list[kept++] =
		    (struct imap_range){ view_at(s->view, r.first - 1)->uid,
			    view_at(s->view, r.last - 1)->uid };
	}
	set->count = kept;
}

static void
freeze(struct session *s, struct context *c)
{
	for (size_t i = 0; i < c->keys.count; i++) {
		struct imap_search_step *step = &c->keys.steps[i];
		struct imap_set set;

		if (step->set.saved) {
			saved_set(s, &set);
			step->set.list =
			    arena_array(c->a, set.count + 1, sizeof(*set.list));
			for (size_t k = 0; k < set.count; k++)
				step->set.list[k] = set.list[k];
			step->set.count = set.count;
			step->set.saved = false;
			step->kind = SEARCH_UID;
		} else if (step->kind == SEARCH_SEQ) {
			freeze_numbers(s, &step->set);
			step->kind = SEARCH_UID;
		}
	}
}

static const struct imap_fetch *
copy_items(struct arena *a, const struct imap_fetch *from)
{
	struct imap_fetch *to;

	if (from == NULL)
		return NULL;
	to = arena_alloc(a, sizeof(*to));
	imap_fetch_copy(a, from, to);
	return to;
}

/* What is asked in the folder as it is known now. */
static void
mark_seen(const struct session *s, struct context *c)
{
	size_t count = view_count(s->view);

	c->seen = view_highest(s->view);
	c->last = count == 0 ? 0 : view_at(s->view, count - 1)->uid;
}

void
context_add(struct session *s, struct context_new *update)
{
	struct context *c;
	size_t n = 0;

	for (c = s->contexts; c != NULL; c = c->next)
		n++;
	update->refused = n >= CONTEXTS_MOST;
	if (update->refused)
		return;
	c = mem_new(sizeof(*c));
	c->a = arena_new();
	c->tag = arena_span(c->a, s->tag);
	c->uid = s->uid || update->by_uid;
	imap_search_copy(c->a, update->keys, &c->keys);
	freeze(s, c);
	c->sorted = update->order != NULL;
	if (c->sorted)
		c->order = *update->order;
	c->fetch = copy_items(c->a, update->fetch);
	c->count = update->found->count;
	c->list = mem_array(c->count + 1, sizeof(*c->list));
	for (size_t i = 0; i < c->count; i++)
		c->list[i] = view_at(s->view, update->found->list[i])->uid;
	mark_seen(s, c);
	c->next = s->contexts;
	s->contexts = c;
}

void
context_answer(struct session *s, const struct context_new *update)
{
	struct buf tag = BUF_EMPTY;

	if (!update->refused)
		return;
	imap_put_string(&tag, s->tag);
	stream_printf(
	    s->io, "* NO [NOUPDATE %s] Too many contexts\r\n", buf_str(&tag));
	buf_free(&tag);
}

bool
context_cancel(struct session *s, struct span tag)
{
	struct context **at = find(s, tag), *gone = *at;

	if (gone == NULL)
		return false;
	*at = gone->next;
	context_free(&gone);
	return true;
}

void
context_forget(struct session *s)
{
	while (s->contexts != NULL) {
		struct context *c = s->contexts;

		s->contexts = c->next;
		context_free(&c);
	}
}

/* --- telling --- */

/* "(place set place set)": each set stands for what follows one another. */
struct pairs {
	const struct session *s;
	const struct context *c;
	struct buf out;
	struct imap_set_writer w;
	size_t next; /* the place that would continue the set */
};

/* place is 0 where the client knows it. at: in the view. */
static void
pairs_add(struct pairs *p, size_t place, bool goes_on, size_t at)
{
	bool begun = p->out.n > 0;

	if (!begun || !goes_on) {
		imap_put_set_end(&p->out, &p->w);
		p->w = (struct imap_set_writer){ .any = false };
		if (begun)
			buf_add_byte(&p->out, ' ');
		buf_add_number(&p->out, place);
		buf_add_byte(&p->out, ' ');
	}
	imap_put_set(&p->out, &p->w,
	    p->c->uid ? view_at(p->s->view, at)->uid : (uint32_t)at + 1);
}

static void
pairs_put(struct pairs *p, const char *word, struct buf *line)
{
	imap_put_set_end(&p->out, &p->w);
	if (p->out.n > 0)
		buf_printf(line, " %s (%s)", word, buf_str(&p->out));
	buf_free(&p->out);
}

static void
put_line(struct session *s, const struct context *c, struct buf *changes)
{
	struct buf line = BUF_EMPTY;

	if (changes->n > 0) {
		buf_add_str(&line, "* ESEARCH (TAG ");
		imap_put_string(&line, c->tag);
		buf_add_str(&line, c->uid ? ") UID" : ")");
		buf_add_span(&line, buf_span(changes));
		buf_add_str(&line, "\r\n");
		stream_put(s->io, buf_span(&line));
	}
	buf_free(&line);
}

/* Is this UID to leave the result? at: its place in the view. */
typedef bool leaves_fn(void *arg, size_t at);

/* Results that leave, taken out of the list; their order is as it was. Those
 * that are not in the view were told already. */
static void
take_out(struct session *s, struct context *c, leaves_fn *leaves, void *arg,
    struct buf *line)
{
	struct pairs p = { .s = s, .c = c };
	size_t kept = 0, last = SIZE_MAX;

	for (size_t i = 0; i < c->count; i++) {
		size_t at = view_find(s->view, c->list[i]);
		bool there = at < view_count(s->view) &&
		    view_at(s->view, at)->uid == c->list[i];

		if (there && !leaves(arg, at)) {
			c->list[kept++] = c->list[i];
		} else if (there) {
			pairs_add(&p, c->sorted ? kept + 1 : 0,
			    !c->sorted || last == kept, at);
			last = kept;
		}
	}
	c->count = kept;
	pairs_put(&p, "REMOVEFROM", line);
}

static bool
is_gone(void *arg, size_t at)
{
	const struct session *s = arg;

	return (view_at(s->view, at)->bits & MSG_GONE) != 0;
}

void
context_tell_gone(struct session *s)
{
	for (struct context *c = s->contexts; c != NULL; c = c->next) {
		struct buf line = BUF_EMPTY;

		take_out(s, c, is_gone, s, &line);
		put_line(s, c, &line);
		buf_free(&line);
	}
}

/* What is known of the messages that may have changed. */
struct changes {
	struct session *s;
	const struct context *c;
	bool *looked, *matches; /* by place in the view */
};

static bool
is_member(const struct changes *ch, const uint32_t *sorted, size_t at)
{
	uint32_t uid = view_at(ch->s->view, at)->uid;
	size_t low = 0, high = ch->c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sorted[mid] < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < ch->c->count && sorted[low] == uid;
}

/* Ask those that changed; true when some were. */
static bool
look(struct changes *ch)
{
	size_t count = view_count(ch->s->view);
	bool any = false;
	struct search q;

	search_begin(&q, ch->s);
	imap_search_copy(ch->s->a, &ch->c->keys, &q.asked);
	search_prepare(&q);
	for (size_t i = 0; i < count; i++) {
		const struct msg *m = view_at(ch->s->view, i);

		if ((m->bits & MSG_GONE) != 0 ||
		    (m->modseq <= ch->c->seen && m->uid <= ch->c->last))
			continue;
		any = ch->looked[i] = true;
		ch->matches[i] = search_one(&q, i);
	}
	search_end(&q);
	return any;
}

static bool
matches_no_more(void *arg, size_t at)
{
	const struct changes *ch = arg;

	return ch->looked[at] && !ch->matches[at];
}

static int
uid_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Keep in ch->matches only what is new in the result; how many that is. */
static size_t
count_new(struct changes *ch)
{
	const struct context *c = ch->c;
	uint32_t *sorted = mem_array(c->count + 1, sizeof(*sorted));
	size_t count = view_count(ch->s->view), n = 0;

	if (c->count > 0)
		memcpy(sorted, c->list, c->count * sizeof(*sorted));
	if (c->sorted && c->count > 1)
		qsort(sorted, c->count, sizeof(*sorted), uid_cmp);
	for (size_t i = 0; i < count; i++) {
		ch->matches[i] = ch->matches[i] && !is_member(ch, sorted, i);
		n += ch->matches[i];
	}
	free(sorted);
	return n;
}

/* All results as places: those of before and those that are new. */
static void
merged(const struct changes *ch, size_t fresh, struct numbers *out)
{
	const struct context *c = ch->c;
	size_t count = view_count(ch->s->view);
	bool *in = mem_array(count + 1, sizeof(*in));

	out->list = mem_array(c->count + fresh + 1, sizeof(*out->list));
	for (size_t i = 0; i < c->count; i++)
		in[view_find(ch->s->view, c->list[i])] = true;
	for (size_t i = 0; i < count; i++)
		if (in[i] || ch->matches[i])
			out->list[out->count++] = (uint32_t)i;
	free(in);
}

static void
put_in(struct changes *ch, struct context *c, size_t fresh, struct buf *line)
{
	struct pairs p = { .s = ch->s, .c = c };
	struct numbers all = { .count = 0 };
	bool goes_on = false;

	merged(ch, fresh, &all);
	if (c->sorted)
		sort_places(ch->s, &c->order, &all);
	c->list = mem_resize(c->list, all.count + 1, sizeof(*c->list));
	c->count = all.count;
	for (size_t i = 0; i < all.count; i++) {
		bool is_new = ch->matches[all.list[i]];

		c->list[i] = view_at(ch->s->view, all.list[i])->uid;
		if (is_new)
			pairs_add(&p, c->sorted ? i + 1 : 0,
			    !c->sorted || goes_on, all.list[i]);
		goes_on = is_new;
	}
	pairs_put(&p, "ADDTO", line);
	numbers_free(&all);
}

/* Of messages that have come since, what the client wants to see of them comes
 * before the result does (RFC 5465, 7). */
static void
fetch_new(struct changes *ch, uint32_t last)
{
	for (size_t i = view_find(ch->s->view, last + 1);
	     i < view_count(ch->s->view); i++)
		if (ch->matches[i])
			fetch_unasked(ch->s, ch->c->fetch, i);
}

static void
tell_changes(struct session *s, struct context *c)
{
	size_t count = view_count(s->view), fresh;
	struct changes ch = { .s = s,
		.c = c,
		.looked = mem_array(count + 1, sizeof(bool)),
		.matches = mem_array(count + 1, sizeof(bool)) };
	struct buf line = BUF_EMPTY;
	uint32_t last = c->last;

	if (look(&ch)) {
		take_out(s, c, matches_no_more, &ch, &line);
		fresh = count_new(&ch);
		if (fresh > 0 && c->fetch != NULL)
			fetch_new(&ch, last);
		if (fresh > 0)
			put_in(&ch, c, fresh, &line);
		put_line(s, c, &line);
	}
	mark_seen(s, c);
	buf_free(&line);
	free(ch.looked);
	free(ch.matches);
}

void
context_tell_changes(struct session *s)
{
	struct arena *kept = s->a;
	size_t count;
	uint32_t last;

	if (s->contexts == NULL)
		return;
	count = view_count(s->view);
	last = count == 0 ? 0 : view_at(s->view, count - 1)->uid;
	/* IDLE is one command, and long */
	s->a = arena_new();
	for (struct context *c = s->contexts; c != NULL; c = c->next)
		if (view_highest(s->view) > c->seen || last > c->last)
			tell_changes(s, c);
	arena_free(&s->a);
	s->a = kept;
}

void
cmd_cancelupdate(struct session *s, struct span args)
{
	struct span *tags = arena_array(s->a, CONTEXTS_MOST, sizeof(*tags));
	size_t n = 0;
	bool known = true;

	while (n < CONTEXTS_MOST && imap_space(&args) &&
	    span_at(args, 0) == '"' && imap_string(s->a, &args, &tags[n]))
		n++;
	if (n == 0 || !imap_end(args)) {
		reply_bad(s, "CANCELUPDATE wants tags in quotes");
		return;
	}
	for (size_t i = 0; i < n; i++)
		known = context_cancel(s, tags[i]) && known;
	sync_tell(s, false);
	if (known)
		reply_ok(s, NULL, "No further updates");
	else
		reply_no(s, NULL, "There are no updates for that tag");
}
