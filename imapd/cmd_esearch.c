/*
 * cmd_esearch.c - ESEARCH, of several mailboxes (RFC 7377)
 *
 * A mailbox that is not selected is opened for the time of its search, without
 * anything being changed in it; it stands where the selected one does.
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/saved.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sources.h"
#include "imapd/sync.h"
#include "imapd/visit.h"
#include "imapd/visit_search.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "wire/imap_notify.h"
#include "wire/imap_parse.h"

struct esearch {
	struct session *s;
	struct imap_sources sources; /* none: the selected mailbox */
	struct imap_search asked; /* as parsed */
	bool selected, others; /* which are to be searched */
	struct span keys; /* behind the sources */
	bool asked_all; /* of the other users, who were to be asked */
	uint32_t lowest;
};

/* The greatest sequence of what was found. */
static uint64_t
greatest(const struct session *s, const struct numbers *n)
{
	uint64_t modseq = 0;

	for (size_t i = 0; i < n->count; i++)
		if (view_at(s->view, n->list[i])->modseq > modseq)
			modseq = view_at(s->view, n->list[i])->modseq;
	return modseq;
}

/* A mailbox without a match is not spoken of (2.1). */
static void
tell(struct esearch *e, struct span name, struct numbers *n)
{
	struct session *s = e->s;
	struct found found = { .list = n->list,
		.count = n->count,
		.modseq = e->asked.modseq ? greatest(s, n) : 0,
		.uids = true,
		.mailbox = reply_full_name(s, name),
		.validity = view_validity(s->view) };
	struct buf out = BUF_EMPTY;

	if (n->count == 0 || search_saves_only(&e->asked))
		return;
	for (size_t i = 0; i < n->count; i++)
		n->list[i] = view_at(s->view, n->list[i])->uid;
	search_put(s, &e->asked, &found, &out);
	buf_add_str(&out, "\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
}

/* What stands as selected is searched. */
static void
search_view(struct esearch *e, struct span name)
{
	struct context_new update = { .fetch = e->asked.fetch, .by_uid = true };
	struct numbers n;
	struct search q;

	search_begin(&q, e->s);
	imap_search_copy(e->s->a, &e->asked, &q.asked);
	q.keeps_raw = q.asked.update;
	search_prepare(&q);
	search_run(&q, &n);
	e->lowest = q.lowest != 0 ? q.lowest : e->lowest;
	if (q.asked.save)
		search_save(&q, &n);
	update.keys = q.raw;
	update.found = &n;
	if (q.asked.update)
		context_add(e->s, &update);
	tell(e, name, &n);
	if (q.asked.update)
		context_answer(e->s, &update);
	numbers_free(&n);
	search_end(&q);
}

/* A folder that cannot be opened, or is gone by now, has no answer. One that
 * was not named has to be seen in lists (2.2). */
static void
search_folder(struct esearch *e, struct span name, bool named)
{
	const struct view_conf conf = { .tree = e->s->tree, .read_only = true };
	struct session *s = e->s;
	struct view *selected = s->view, *v = NULL;
	struct arena *kept = s->a;
	struct rights r = { .need = ACL_READ | (named ? 0u : ACL_LOOKUP) };
	struct maildir *m;
	struct why why;

	why_init(&why);
	m = rights_folder(s, name, &r, &why);
	if (m != NULL)
		v = view_open(&m, &conf, &why);
	if (v != NULL) {
		body_forget(s);
		s->view = v;
		s->a = arena_new(); /* the keys are made ready in each */
		search_view(e, name);
		arena_free(&s->a);
		s->a = kept;
		body_forget(s);
		s->view = selected;
		view_close(&v);
	} else if (r.got != TREE_MISSING && r.got != TREE_FORBIDDEN) {
		log_warning("%s", why_text(&why));
	}
	why_free(&why);
}

static bool
is_meant(struct esearch *e, const struct sources *src, struct span folder,
    bool *named)
{
	bool meant = false;

	*named = false;
	for (size_t i = 0; i < e->sources.count; i++) {
		const struct imap_filter *f = &e->sources.list[i];

		if (!sources_match(e->s, src, f, folder))
			continue;
		meant = true;
		*named = *named || f->kind == FILTER_MAILBOXES;
	}
	return meant;
}

/* Each mailbox once, however often it is meant. False: answered. */
static bool
search_all(struct esearch *e)
{
	struct session *s = e->s;
	struct span here = reply_full_name(s, buf_span(&s->selected));
	struct visit_search q = { .asked = &e->sources,
		.selected = e->selected && visit_selected(s),
		.keys = e->keys };
	struct sources src;
	struct why why;
	bool ok = true, named;

	if (e->selected && !q.selected)
		search_view(e, buf_span(&s->selected));
	if (!e->others) {
		e->asked_all = visit_search(s, &q);
		return true;
	}
	why_init(&why);
	if (sources_read(s, &src, &why) == -1) {
		reply_trouble(s, &why);
		ok = false;
	}
	for (size_t i = 0; ok && i < src.folder_count; i++) {
		if (stream_failed(s->io))
			break;
		if (is_meant(e, &src, src.folders[i], &named) &&
		    !(e->selected && span_eq(src.folders[i], here)))
			search_folder(e, src.folders[i], named);
	}
	q.have = &src;
	if (ok)
		e->asked_all = visit_search(s, &q);
	why_free(&why);
	return ok;
}

/* What is asked, against the state and the rules of section 2.2. False:
 * answered. */
static bool
may_search(struct esearch *e)
{
	struct session *s = e->s;
	struct search q = { .s = s, .asked = e->asked };

	if ((e->selected && s->state != STATE_SELECTED) ||
	    (e->others && (e->asked.save || e->asked.update)))
		reply_bad(s, "That is for a selected mailbox alone");
	else if (search_has_numbers(&q))
		reply_uid_required(s);
	else if (e->asked.has_charset && (s->enabled & ENABLED_UTF8) != 0)
		reply_bad(s, "No charset is wanted here");
	else if (e->asked.update && context_known(s))
		reply_bad(s, "Tag reuse");
	else
		return true;
	return false;
}

/* [SP "IN (...)"]; false: it is ill-formed. */
static bool
take_sources(struct esearch *e, struct span *args)
{
	struct span at = *args;

	e->selected = true;
	if (!imap_is_word(&at, "IN"))
		return true;
	e->selected = false;
	if (!imap_sources(e->s->a, args, &e->sources) || !imap_space(args))
		return false;
	for (size_t i = 0; i < e->sources.count; i++) {
		struct imap_filter *f = &e->sources.list[i];

		if (f->kind == FILTER_SELECTED)
			e->selected = true;
		else
			e->others = true;
		if (!sources_name(e->s, f))
			return false;
	}
	return true;
}

void
cmd_esearch(struct session *s, struct span args)
{
	struct esearch e = { .s = s };
	enum imap_search_result got = IMAP_SEARCH_BAD;

	if (imap_space(&args) && take_sources(&e, &args)) {
		e.keys = args;
		got = imap_search_parse(s->a, &args, date_parse_day, &e.asked);
	}
	if (got == IMAP_SEARCH_BAD) {
		reply_bad(s, "ESEARCH wants sources and keys");
		return;
	}
	if (got == IMAP_SEARCH_CHARSET) {
		reply_no(s, "BADCHARSET (US-ASCII UTF-8)",
		    "The charset is not known here");
		return;
	}
	if (!may_search(&e))
		return;
	if (!e.asked.has_return)
		e.asked.has_return = e.asked.all = true;
	if (e.asked.modseq)
		sync_condstore(s);
	if (!search_all(&e))
		return;
	sync_tell(s, true);
	if (e.asked_all)
		limit_reply_ok(s, e.lowest, NULL, "Search completed");
	else if (!s->told_bye)
		reply_no(s, "UNAVAILABLE",
		    "Another user's mailbox could not be searched");
}
