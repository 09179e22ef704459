/*
 * cmd_sort.c - SORT (RFC 5256), as ESORT and CONTEXT=SORT extend it (RFC 5267)
 */

#include "base/arena.h"
#include "imapd/context.h"
#include "imapd/reply.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sort.h"
#include "imapd/sync.h"
#include "wire/imap_parse.h"

/* The places of n become numbers or UIDs, in their order. */
static void
answer(struct session *s, const struct imap_search *returns, struct numbers *n)
{
	struct found found = {
		.list = n->list, .count = n->count, .uids = s->uid
	};
	struct buf out = BUF_EMPTY;

	if (returns->modseq)
		found.modseq = search_told_modseq(s, returns, n);
	for (size_t i = 0; i < n->count; i++)
		n->list[i] = search_number(s, n->list[i]);
	if (returns->has_return)
		search_put(s, returns, &found, &out);
	else
		search_put_plain("SORT", returns, &found, &out);
	buf_add_str(&out, "\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
}

static void
sort(struct search *q, const struct imap_search *returns,
    const struct sort_program *p, struct numbers *n)
{
	struct session *s = q->s;
	struct context_new update = {
		.keys = q->raw, .order = p, .fetch = returns->fetch, .found = n
	};

	sort_places(s, p, n);
	if (returns->update)
		context_add(s, &update);
	answer(s, returns, n);
	if (returns->update)
		context_answer(s, &update);
	sync_tell(s, s->uid);
	reply_ok(s, NULL, "Sort completed");
}

void
cmd_sort(struct session *s, struct span args)
{
	struct imap_search returns = { .count = 0 };
	struct sort_program p;
	struct search q;
	struct numbers n;

	if (!imap_space(&args) || !imap_search_return(s->a, &args, &returns) ||
	    returns.save || !sort_read(&args, &p)) {
		reply_bad(s, "SORT wants criteria");
		return;
	}
	if (returns.update && context_known(s)) {
		reply_bad(s, "Tag reuse");
		return;
	}
	search_begin(&q, s);
	q.keeps_raw = returns.update;
	if (search_places(&q, args, &n)) {
		returns.modseq = q.asked.modseq;
		sort(&q, &returns, &p, &n);
		numbers_free(&n);
	}
	search_end(&q);
}
