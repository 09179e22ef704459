/*
 * submit.c - a written message goes on its way
 *
 * It is built from values (message/compose.h), given to pickup's socket, and
 * then kept in the sent folder. Nothing is sent unless every address can be
 * read: what a person wrote is never guessed at. What cannot be sent comes back
 * as the form; what was sent ends in a redirect, so that a reload does not send
 * it twice.
 */

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "ipc/ask.h"
#include "message/address.h"
#include "message/compose.h"
#include "message/date.h"
#include "message/encode.h"
#include "os/clock.h"
#include "webmail-cgi/draft.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/letter.h"
#include "webmail-cgi/webmail.h"

enum { RCPTS_MAX = 200, REFERENCES_MAX = 2000 };

struct mail {
	struct webmail *w;
	struct draft draft;
	bool has_letter;
	struct letter letter; /* the message it was made from */
	struct compose_address to[RCPTS_MAX], cc[RCPTS_MAX], bcc[RCPTS_MAX];
	size_t to_count, cc_count, bcc_count;
	struct span bad; /* an address that is none */
	struct span sender; /* user@domain */
	struct buf bytes; /* without Bcc, but of a draft */
};

static struct span
decoded(struct webmail *w, struct span raw)
{
	struct buf text = BUF_EMPTY;
	struct span out;

	encode_words_decode(&text, raw);
	out = arena_span(w->arena, buf_span(&text));
	buf_free(&text);
	return out;
}

/* False: m->bad. Bare names get the domain. */
static bool
addresses(struct mail *m, struct span typed, struct compose_address *out,
    size_t *count)
{
	struct webmail *w = m->w;
	struct address_list list;

	address_list_parse(w->arena, typed, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct address_entry *e = &list.list[i];

		if (e->kind != ADDRESS_MAILBOX)
			continue;
		if (e->local.n == 0 || *count == RCPTS_MAX) {
			m->bad = typed;
			return false;
		}
		out[(*count)++] = (struct compose_address){
			.name = decoded(w, e->name),
			.local = e->local,
			.domain = e->domain.n > 0 ? e->domain
						  : span_str(w->conf.domain),
		};
	}
	if (list.malformed || list.cut ||
	    (*count == 0 && span_trim(typed).n > 0)) {
		m->bad = typed;
		return false;
	}
	return true;
}

/* Browsers send CRLF. */
static struct span
text_of(struct webmail *w)
{
	struct span rest = request_get(&w->request, "text"), line;
	struct buf out = BUF_EMPTY;
	struct span text;

	while (span_line(&rest, &line)) {
		buf_add_span(&out, line);
		buf_add_byte(&out, '\n');
	}
	text = arena_span(w->arena, buf_span(&out));
	buf_free(&out);
	return text;
}

static void
put_fields(struct mail *m, struct compose *c, bool draft)
{
	struct webmail *w = m->w;
	const struct draft *d = &m->draft;
	size_t at = span_rfind(m->sender, '@');
	struct compose_address from = { .local = span_head(m->sender, at),
		.domain = span_skip(m->sender, at + 1) };
	int64_t now = clock_wall();

	compose_date(c, now, date_local_zone(now));
	(void)compose_field_addresses(c, "From", &from, 1);
	(void)compose_field_addresses(c, "To", m->to, m->to_count);
	(void)compose_field_addresses(c, "Cc", m->cc, m->cc_count);
	if (draft)
		(void)compose_field_addresses(c, "Bcc", m->bcc, m->bcc_count);
	(void)compose_field(c, "Subject", d->subject);
	compose_message_id(c, span_str(w->conf.domain), NULL);
	if (d->in_reply_to.n > 0 && d->in_reply_to.n < REFERENCES_MAX)
		(void)compose_field_raw(c, "In-Reply-To", d->in_reply_to);
	if (d->references.n > 0 && d->references.n < 2L * REFERENCES_MAX)
		(void)compose_field_raw(c, "References", d->references);
	(void)compose_field_raw(c, "User-Agent", SPAN("Facteur webmail"));
}

static bool
has_files(const struct webmail *w)
{
	const struct request_field *f;
	size_t at = 0;

	while ((f = request_next(&w->request, "file", &at)) != NULL)
		if (f->is_file && f->filename.n > 0)
			return true;
	return false;
}

static void
put_files(struct webmail *w, struct compose *c)
{
	const struct request_field *f;
	size_t at = 0;

	while ((f = request_next(&w->request, "file", &at)) != NULL) {
		struct compose_part part = { .type = f->type,
			.filename = f->filename };

		if (f->is_file && f->filename.n > 0)
			compose_part(c, &part, f->value);
	}
}

/* A part of another message: its bytes as they are, its type and name. A
 * message inside goes as one, which may not be encoded. */
static void
put_part(struct mail *m, struct compose *c, const struct mime_part *p)
{
	struct span raw = mime_part_body(p, m->letter.bytes);
	struct buf name = BUF_EMPTY, charset = BUF_EMPTY, bytes = BUF_EMPTY;
	struct compose_part part = { .verbatim = p->kind == MIME_MESSAGE };

	part.type = span_str(arena_printf(m->w->arena, "%.*s/%.*s",
	    (int)p->type.n, p->type.p, (int)p->subtype.n, p->subtype.p));
	(void)mime_part_filename(p, &name);
	(void)encode_param_get(&p->params, "charset", &charset);
	part.filename = buf_span(&name);
	part.charset = buf_span(&charset);
	if (!part.verbatim)
		(void)decode_body(&bytes, raw, p->encoding);
	compose_part(c, &part, part.verbatim ? raw : buf_span(&bytes));
	buf_free(&name);
	buf_free(&charset);
	buf_free(&bytes);
}

/* c is NULL: are there any? */
static bool
put_kept(struct mail *m, struct compose *c)
{
	static const struct compose_part whole = { .type = SPAN_INIT("message/"
								     "rfc822"),
		.verbatim = true };
	const struct draft *d = &m->draft;
	uint64_t n = 1;
	bool any = false;

	if (!m->has_letter)
		return false;
	if (d->how == DRAFT_WHOLE) {
		any = draft_keeps(m->w, d, 1);
		if (any && c != NULL)
			compose_part(c, &whole, m->letter.bytes);
		return any;
	}
	for (const struct mime_part *p = m->letter.tree.root; p != NULL;
	     p = mime_part_next(p), n++) {
		if (!letter_is_attachment(&m->letter, p) ||
		    !draft_keeps(m->w, d, n))
			continue;
		any = true;
		if (c != NULL)
			put_part(m, c, p);
	}
	return any;
}

static void
mail_make(struct mail *m, bool draft)
{
	struct compose *c = compose_new(&m->bytes);
	bool files = has_files(m->w) || put_kept(m, NULL);

	put_fields(m, c, draft);
	if (files)
		compose_multipart_begin(c, "mixed", NULL);
	compose_text(c, "plain", text_of(m->w));
	if (files) {
		(void)put_kept(m, c);
		put_files(m->w, c);
		compose_multipart_end(c);
	}
	compose_free(&c);
}

static size_t
rcpts_put(struct mail *m, const struct compose_address *list, size_t count,
    struct queue_rcpt *out)
{
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_EMPTY;

		address_quote(&text, list[i].local);
		buf_add_byte(&text, '@');
		buf_add_span(&text, list[i].domain);
		out[i] = (struct queue_rcpt){ .address = arena_span(m->w->arena,
						  buf_span(&text)) };
		buf_free(&text);
	}
	return count;
}

static const struct queue_rcpt *
rcpts_all(struct mail *m, size_t *count)
{
	struct queue_rcpt *all =
	    arena_array(m->w->arena, 3L * RCPTS_MAX, sizeof(*all));
	size_t n = 0;

	n += rcpts_put(m, m->to, m->to_count, all + n);
	n += rcpts_put(m, m->cc, m->cc_count, all + n);
	n += rcpts_put(m, m->bcc, m->bcc_count, all + n);
	*count = n;
	return all;
}

static bool
rcpts_send(struct mail *m, int fd, struct packet_out *o)
{
	size_t n;
	const struct queue_rcpt *all = rcpts_all(m, &n);

	for (size_t i = 0; i < n; i += QUEUE_RCPTS_PACKET) {
		size_t part =
		    n - i < QUEUE_RCPTS_PACKET ? n - i : QUEUE_RCPTS_PACKET;

		submit_rcpts_put(o, all + i, part);
		if (packet_send(fd, o) == -1)
			return false;
	}
	return true;
}

static void
by_command(struct mail *m, struct why *why)
{
	struct sendmail_mail out = { .sender = m->sender,
		.message = buf_span(&m->bytes) };

	out.rcpts = rcpts_all(m, &out.count);
	sendmail_run(m->w->submit, &out, why);
}

static bool
data_send(struct mail *m, int fd, struct packet_out *o)
{
	struct span rest = buf_span(&m->bytes);

	while (rest.n > 0) {
		struct span part = span_head(rest, SUBMIT_DATA_MAX);

		submit_data_put(o, part);
		if (packet_send(fd, o) == -1)
			return false;
		rest = span_skip(rest, part.n);
	}
	return true;
}

/* why says how it ended. */
static void
mail_send(struct mail *m, struct why *why)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct submit_begin begin = { .sender = m->sender,
		.flags = QUEUE_8BIT };
	struct span qid;
	int fd = m->w->submit;

	why_set(why, "4.3.0", "%s", word_text(m->w->language, WORD_TRY_LATER));
	submit_begin_put(&o, &begin);
	if (fd != -1 && packet_send(fd, &o) == 0 && rcpts_send(m, fd, &o) &&
	    data_send(m, fd, &o)) {
		submit_end_put(&o);
		if (ask(fd, &o, &in) == -1 || !submit_done_get(&in, why, &qid))
			log_error("webmail: no answer from pickup: %s",
			    strerror(errno));
	} else if (fd != -1) {
		log_error("webmail: public/pickup: %s", strerror(errno));
	}
	packet_in_done(&in);
	packet_done(&o);
}

/* Keep a copy; a folder that is not there is made. */
static bool
keep(
    struct webmail *w, const char *folder, const char *flags, struct span bytes)
{
	struct buf name = BUF_EMPTY;
	enum imap_status got;

	if (strcmp(folder, "none") == 0)
		return true;
	got = imap_append(w->imap, span_str(folder), flags, bytes);
	if (got == IMAP_NO && imap_quote(&name, span_str(folder)) &&
	    imap_command(w->imap, NULL, NULL, "CREATE %s", buf_str(&name)) ==
		IMAP_OK) {
		(void)imap_command(
		    w->imap, NULL, NULL, "SUBSCRIBE %s", buf_str(&name));
		got = imap_append(w->imap, span_str(folder), flags, bytes);
	}
	buf_free(&name);
	return got == IMAP_OK;
}

/* The form once more, with what was written: nothing of it may be lost. */
static void
again(struct mail *m, int status, const char *trouble)
{
	struct webmail *w = m->w;

	if (has_files(w))
		trouble = arena_printf(w->arena, "%s %s", trouble,
		    word_text(w->language, WORD_FILES_AGAIN));
	w->status = status;
	draft_show(w, &m->draft, m->has_letter ? &m->letter : NULL, trouble);
}

/* What becomes of the message that this one was made from. */
static void
source_mark(struct mail *m)
{
	static const char *const flags[] = {
		[DRAFT_NEW] = NULL,
		[DRAFT_REPLY] = "\\Answered",
		[DRAFT_ALL] = "\\Answered",
		[DRAFT_FORWARD] = "$Forwarded",
		[DRAFT_WHOLE] = "$Forwarded",
		[DRAFT_EDIT] = "\\Deleted",
	};
	struct webmail *w = m->w;
	const struct draft *d = &m->draft;
	unsigned long long uid = d->uid;
	uint64_t exists;

	if (flags[d->how] == NULL || uid == 0 ||
	    folder_select(w, d->folder, true, &exists) != IMAP_OK)
		return;
	/* only a draft goes when another takes its place */
	if (d->how == DRAFT_EDIT && !span_is(d->folder, w->conf.draft_folder))
		return;
	(void)imap_command(w->imap, NULL, NULL,
	    "UID STORE %llu +FLAGS.SILENT (%s)", uid, flags[d->how]);
	if (d->how == DRAFT_EDIT)
		(void)imap_command(
		    w->imap, NULL, NULL, "UID EXPUNGE %llu", uid);
}

static void
send_now(struct mail *m)
{
	struct webmail *w = m->w;
	bool kept = true;
	struct why why;

	why_init(&why);
	if (w->conf.use_sendmail)
		by_command(m, &why);
	else
		mail_send(m, &why);
	if (why.outcome == DONE) {
		if (w->conf.save_sent)
			kept = keep(w, w->conf.sent_folder, "\\Seen",
			    buf_span(&m->bytes));
		source_mark(m);
		page_redirect_list(
		    w, m->draft.folder, kept ? WORD_SENT : WORD_NOT_KEPT);
	} else {
		again(m, why.outcome == DEFER ? 503 : 400, why_text(&why));
	}
	why_free(&why);
}

static void
draft_save(struct mail *m)
{
	struct webmail *w = m->w;

	if (!keep(w, w->conf.draft_folder, "\\Draft \\Seen",
		buf_span(&m->bytes))) {
		again(m, 503, word_text(w->language, WORD_NO_FOLDER));
		return;
	}
	if (m->draft.how == DRAFT_EDIT)
		source_mark(m);
	page_redirect_list(w, span_str(w->conf.draft_folder), WORD_DRAFT_SAVED);
}

/* False: the form was shown again. */
static bool
mail_read(struct mail *m)
{
	struct webmail *w = m->w;
	const struct draft *d = &m->draft;
	enum letter_result got = LETTER_OK;
	enum word trouble;
	int status;

	if (draft_has_parts(d))
		got = letter_load(w, d->folder, d->uid, false, &m->letter);
	m->has_letter = draft_has_parts(d) && got == LETTER_OK;
	if (got != LETTER_OK) {
		trouble = letter_trouble(got, &status);
		again(m, status, word_text(w->language, trouble));
		return false;
	}
	if (m->has_letter && m->letter.cut) {
		again(m, 413, word_text(w->language, WORD_TOO_LARGE));
		return false;
	}
	if (addresses(m, d->to, m->to, &m->to_count) &&
	    addresses(m, d->cc, m->cc, &m->cc_count) &&
	    addresses(m, d->bcc, m->bcc, &m->bcc_count))
		return true;
	again(m, 400,
	    arena_printf(w->arena, "%s %.*s",
		word_text(w->language, WORD_BAD_ADDRESS), (int)m->bad.n,
		m->bad.p));
	return false;
}

void
page_submit(struct webmail *w)
{
	struct mail *m = arena_alloc(w->arena, sizeof(*m));
	bool draft = span_is(request_get(&w->request, "do"), "draft");

	if (!session_join(w) || !session_form_ok(w))
		return;
	m->w = w;
	m->sender = draft_sender(w);
	draft_read(w, &m->draft);
	if (!mail_read(m))
		return;
	if (!draft && m->to_count + m->cc_count + m->bcc_count == 0) {
		again(m, 400, word_text(w->language, WORD_NO_RECIPIENT));
		return;
	}
	mail_make(m, draft);
	if (draft)
		draft_save(m);
	else
		send_now(m);
	buf_free(&m->bytes);
}
