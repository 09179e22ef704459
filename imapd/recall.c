/*
 * recall.c - answers that were given before, out of facteur.cache
 *
 * Kept are values as they are sent, and of the header those fields that lists
 * of mail show, sort and search by.
 */

#include "imapd/recall.h"

#include "base/buf.h"
#include "imapd/body.h"
#include "imapd/objectid.h"
#include "imapd/preview.h"
#include "imapd/session.h"
#include "mailbox/view.h"
#include "message/header.h"

enum { FIELDS_MOST = 32768 };

bool
recall_keeps_field(struct span name)
{
	static const struct span kept[] = { SPAN_INIT("Bcc"), SPAN_INIT("Cc"),
		SPAN_INIT("Content-Type"), SPAN_INIT("Date"), SPAN_INIT("From"),
		SPAN_INIT("Importance"), SPAN_INIT("In-Reply-To"),
		SPAN_INIT("List-Id"), SPAN_INIT("Message-ID"),
		SPAN_INIT("Newsgroups"), SPAN_INIT("Priority"),
		SPAN_INIT("References"), SPAN_INIT("Reply-To"),
		SPAN_INIT("Sender"), SPAN_INIT("Subject"), SPAN_INIT("To"),
		SPAN_INIT("X-Priority") };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (name.n == kept[i].n && span_ieq(name, kept[i]))
			return true;
	return false;
}

static int
make_value(struct session *s, size_t i, enum recall_kind kind, struct buf *out,
    struct why *why)
{
	struct body *b = body_open(s, i, why);

	if (b == NULL)
		return -1;
	if (kind == RECALL_ENVELOPE)
		return body_envelope(b, out, why);
	if (kind == RECALL_EMAILID)
		return objectid_of_body(b, out, why);
	if (kind == RECALL_PREVIEW)
		return preview_of_body(b, out, why);
	return body_structure(b, kind == RECALL_STRUCTURE, out, why);
}

int
recall_value(struct session *s, size_t i, enum recall_kind kind,
    struct buf *out, struct why *why)
{
	size_t begun = out->n;
	struct span known;

	if (view_recall(s->view, i, kind, &known)) {
		buf_add_span(out, known);
		return 0;
	}
	if (make_value(s, i, kind, out, why) == -1)
		return -1;
	view_remember(s->view, i, kind, span_skip(buf_span(out), begun));
	return 0;
}

static void
keep_fields(struct span header, struct buf *out)
{
	struct header_field f;

	while (header_next(&header, &f)) {
		if (!recall_keeps_field(span_trim(f.name)))
			continue;
		buf_add_span(out, f.all);
		if (!span_ends(f.all, "\n"))
			buf_add_byte(out, '\n');
	}
}

int
recall_fields(struct session *s, size_t i, struct span *out, struct why *why)
{
	struct span header;
	struct body *b;

	if (view_recall(s->view, i, RECALL_FIELDS, out))
		return 0;
	b = body_open(s, i, why);
	if (b == NULL || body_header(b, &header, why) == -1)
		return -1;
	buf_clear(&s->fields);
	keep_fields(header, &s->fields);
	*out = buf_span(&s->fields);
	if (out->n <= FIELDS_MOST)
		view_remember(s->view, i, RECALL_FIELDS, *out);
	return 0;
}
