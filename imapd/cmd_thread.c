/*
 * cmd_thread.c - THREAD (RFC 5256)
 *
 * The last answer is kept, for clients that ask again what they asked before.
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "imapd/reply.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sort.h"
#include "imapd/sync.h"
#include "imapd/thread.h"
#include "mailbox/view.h"
#include "message/header.h"
#include "wire/imap_parse.h"

enum { REFS_MOST = 200 };

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

/* --- the last answer --- */

/* It is good for as long as the same messages match, under the same numbers. */
struct thread_kept {
	bool references, uid;
	uint32_t *places, *uids;
	size_t count;
	struct buf answer;
};

void
thread_forget(struct session *s)
{
	struct thread_kept *k = s->threads;

	if (k == NULL)
		return;
	free(k->places);
	free(k->uids);
	buf_free(&k->answer);
	mem_free(&s->threads);
}

static bool
is_kept(const struct session *s, const struct numbers *n, bool references)
{
	const struct thread_kept *k = s->threads;

	if (k == NULL || k->references != references || k->uid != s->uid ||
	    k->count != n->count)
		return false;
	for (size_t i = 0; i < n->count; i++)
		if (k->places[i] != n->list[i] ||
		    k->uids[i] != view_at(s->view, n->list[i])->uid)
			return false;
	return true;
}

static void
keep(struct session *s, const struct numbers *n, bool references,
    struct buf *answer)
{
	struct thread_kept *k = mem_new(sizeof(*k));

	thread_forget(s);
	s->threads = k;
	k->references = references;
	k->uid = s->uid;
	k->count = n->count;
	k->places = mem_array(n->count + 1, sizeof(*k->places));
	k->uids = mem_array(n->count + 1, sizeof(*k->uids));
	for (size_t i = 0; i < n->count; i++) {
		k->places[i] = n->list[i];
		k->uids[i] = view_at(s->view, n->list[i])->uid;
	}
	k->answer = *answer;
	*answer = (struct buf)BUF_EMPTY;
}

static void
make_answer(struct session *s, const struct numbers *n, bool references,
    struct buf *out)
{
	struct thread_message *list = mem_array(n->count + 1, sizeof(*list));

	for (size_t i = 0; i < n->count; i++) {
		struct thread_message *m = &list[i];
		int64_t arrival;
		struct span header = sort_header(s, n->list[i], &arrival);

		m->number = search_number(s, n->list[i]);
		m->date = sort_sent_date(header, arrival);
		m->subject = sort_subject(s, header, &m->reply);
		if (references)
			take_refs(s, header, m);
	}
	buf_add_str(out, n->count > 0 ? "* THREAD " : "* THREAD");
	if (references)
		thread_by_references(list, n->count, out);
	else
		thread_by_subject(list, n->count, out);
	buf_add_str(out, "\r\n");
	free(list);
}

static void
thread(struct session *s, const struct numbers *n, bool references)
{
	struct buf out = BUF_EMPTY;

	if (!is_kept(s, n, references)) {
		make_answer(s, n, references, &out);
		keep(s, n, references, &out);
	}
	stream_put(s->io, buf_span(&s->threads->answer));
	buf_free(&out);
	sync_tell(s, s->uid);
	reply_ok(s, NULL, "Thread completed");
}

void
cmd_thread(struct session *s, struct span args)
{
	bool references = false, known = false;
	struct search q;
	struct numbers n;

	if (imap_space(&args)) {
		references = imap_is_word(&args, "REFERENCES");
		known = references || imap_is_word(&args, "ORDEREDSUBJECT");
	}
	if (!known) {
		reply_bad(s, "THREAD wants REFERENCES or ORDEREDSUBJECT");
		return;
	}
	search_begin(&q, s);
	if (search_places(&q, args, &n)) {
		thread(s, &n, references);
		numbers_free(&n);
	}
	search_end(&q);
}
