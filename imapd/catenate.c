/* catenate.c - pieces of a message that are messages of ours (RFC 4469) */

#include "imapd/catenate.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/guest.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "wire/imap_url.h"

/* Out of the folder that stands as selected. */
static enum catenate_result
copy_part(struct session *s, const struct imap_url *url, struct body_sink *sink,
    struct why *why)
{
	size_t i = view_find(s->view, url->uid);
	struct body *b;

	if ((url->validity != 0 && url->validity != view_validity(s->view)) ||
	    i == view_count(s->view) || view_at(s->view, i)->uid != url->uid ||
	    (view_at(s->view, i)->bits & MSG_GONE) != 0)
		return CATENATE_NONE;
	b = body_open(s, i, why);
	if (b == NULL)
		return errno == ENOENT ? CATENATE_NONE : CATENATE_TROUBLE;
	if (body_octets(b, &url->part, sink, why) == -1)
		return CATENATE_TROUBLE;
	return sink->missing ? CATENATE_NONE : CATENATE_DONE;
}

/* Another folder is opened for as long as it takes. */
static enum catenate_result
copy_from(struct session *s, const struct imap_url *url, struct body_sink *sink,
    struct why *why)
{
	const struct view_conf conf = { .tree = s->tree, .read_only = true };
	struct view *selected = s->view, *v;
	enum catenate_result result;
	struct rights r = { .need = ACL_READ };
	int error;
	struct maildir *m = rights_folder(s, url->mailbox, &r, why);

	if (m == NULL)
		return r.got == TREE_MISSING || r.got == TREE_REFUSED ||
			r.got == TREE_FORBIDDEN
		    ? CATENATE_NONE
		    : CATENATE_TROUBLE;
	v = view_open(&m, &conf, why);
	if (v == NULL)
		return CATENATE_TROUBLE;
	body_forget(s);
	s->view = v;
	result = copy_part(s, url, sink, why);
	error = errno;
	body_forget(s);
	s->view = selected;
	view_close(&v);
	errno = error;
	return result;
}

/* A guest says names in his way. */
static bool
own_name(struct session *s, struct span *name)
{
	struct buf inward = BUF_EMPTY;
	bool good = shared_inward(s, *name, &inward);

	*name = arena_span(s->a, buf_span(&inward));
	buf_free(&inward);
	return good;
}

enum catenate_result
catenate_url(struct session *s, struct span text, struct body_sink *sink,
    struct why *why)
{
	struct imap_url url;

	if (!imap_url_parse(s->a, text, &url) ||
	    (guest_is(s) && !own_name(s, &url.mailbox)))
		return CATENATE_NONE;
	if (s->view != NULL &&
	    span_eq(reply_full_name(s, url.mailbox),
		reply_full_name(s, buf_span(&s->selected))))
		return copy_part(s, &url, sink, why);
	return copy_from(s, &url, sink, why);
}

const char *
catenate_code(struct arena *a, struct span url)
{
	struct buf code = BUF_EMPTY;
	const char *kept;

	buf_add_str(&code, "BADURL ");
	/* what would end the code, or is none of its characters */
	for (size_t i = 0; i < url.n && i < IMAP_URL_MAX; i++) {
		int c = span_at(url, i);

		if (c <= ' ' || c >= 127 || c == ']' || c == '\\')
			buf_printf(&code, "%%%02X", (unsigned)c);
		else
			buf_add_byte(&code, (char)c);
	}
	kept = arena_str(a, buf_str(&code));
	buf_free(&code);
	return kept;
}
