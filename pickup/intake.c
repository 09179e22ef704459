/*
 * intake.c - one local message on its way into the queue
 *
 * Content goes to the queue file as it comes (lib/intake), and is looked at by
 * header_checks and body_checks on its way. Date, From and Message-ID are added
 * where they are missing, as edits beside the content.
 */

#include "pickup/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/clean_call.h"
#include "calls/clean_job.h"
#include "calls/queue_call.h"
#include "calls/sign_job.h"
#include "calls/submit_call.h"
#include "config/overrides.h"
#include "config/param.h"
#include "config/rewriting.h"
#include "intake/check_act.h"
#include "intake/content.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "message/address.h"
#include "message/compose.h"
#include "message/date.h"
#include "message/header.h"
#include "message/verp.h"
#include "milter/local.h"
#include "os/clock.h"
#include "os/file.h"
#include "pickup/check.h"
#include "pickup/conf.h"
#include "pickup/sender.h"
#include "queue/edits.h"
#include "service/service.h"

enum { RCPTS_MAX = 50000, REASON_MAX = 900 };

struct intake {
	const struct pickup_conf *conf;
	struct channel *qmgr;
	const struct intake_calls *calls;
	void *arg;
	struct channel_call *asking;
	struct sender_job *judging; /* the sender */
	struct why begun; /* of that, and of the queue file */
	struct arena *arena;
	uid_t uid;
	struct span sender, full_name, envid, verp;
	unsigned ret, flags;
	bool autodetect;
	bool plain; /* no_address_mappings */
	struct queue_rcpt *rcpts;
	size_t rcpt_count, rcpt_room;
	char qid[QUEUE_ID_MAX + 1];
	int fd;
	struct content *content; /* once the file is there */
	struct check_result checked;
	struct check_job *checking;
	struct clean_job *cleaning;
	struct buf rewritten; /* edits */
	struct buf edits; /* all, once they are complete */
	struct span message_id;
	struct sign_job *signing;
	struct milter_mail *judged; /* what milters make of it */
	struct milter_local *milters;
	bool hold;
};

/* A stray CR becomes a space: the next host must not be misled by it. */
static void
content_begin(struct intake *i)
{
	const struct pickup_conf *conf = i->conf;
	struct content_conf c = {
		.fd = i->fd,
		.size_max = conf->message_size_limit,
		.header_size_max = (size_t)conf->check.header_size_limit,
		.drop = span_str(conf->check.message_drop_headers),
		.mode = DOT_NORMALISE,
		.addresses = true,
		.utf8 = i->autodetect,
		.bytes = conf->bytes,
		.strict = check_params_strict(
		    &conf->check, (i->flags & QUEUE_SMTPUTF8) != 0),
		.checks = (i->flags & QUEUE_PROBE) != 0 ? NULL : conf->checks,
	};

	i->content = content_new(&c);
}

/* Content may come once the file is there and nothing is against the sender. */
static void
begun(struct intake *i)
{
	if (i->asking == NULL && i->judging == NULL)
		i->calls->ready(i->arg, &i->begun);
}

static void
file_came(void *arg, struct packet_in *in)
{
	struct intake *i = arg;
	struct queue_file_reply reply = { .fd = -1 };
	struct why why;

	i->asking = NULL;
	why_init(&why);
	if (in == NULL || !queue_file_get(in, &reply, &why)) {
		why_set(&why, "4.3.0", "qmgr is not available");
	} else if (reply.qid.n > 0) {
		memcpy(i->qid, reply.qid.p, reply.qid.n);
		i->fd = reply.fd;
		content_begin(i);
	}
	if (i->begun.outcome == DONE)
		why_copy(&i->begun, &why);
	why_free(&why);
	begun(i);
}

static void
sender_judged(void *arg, const struct why *why)
{
	struct intake *i = arg;

	i->judging = NULL;
	if (why->outcome != DONE)
		why_copy(&i->begun, why);
	begun(i);
}

static bool
autodetects(const struct pickup_conf *conf)
{
	struct span rest = span_str(conf->smtputf8_autodetect_classes), item;

	while (conf->smtputf8_enable && param_list_next(&rest, &item))
		if (span_iis(item, "sendmail") || span_iis(item, "all"))
			return true;
	return false;
}

struct intake *
intake_new(const struct pickup_conf *conf, struct channel *qmgr,
    const struct intake_calls *calls, void *arg)
{
	struct intake *i = mem_new(sizeof(*i));
	struct packet_out o = { .fd_count = 0 };

	i->conf = conf;
	i->qmgr = qmgr;
	i->calls = calls;
	i->arg = arg;
	i->plain = (conf->overrides & NO_ADDRESS_MAPPINGS) != 0;
	i->fd = -1;
	i->arena = arena_new();
	why_init(&i->begun);
	i->autodetect = autodetects(conf);
	queue_new_put(&o);
	i->asking = channel_ask(qmgr, &o, file_came, i);
	packet_done(&o);
	return i;
}

void
intake_free(struct intake **ip)
{
	struct intake *i = *ip;

	if (i == NULL)
		return;
	channel_cancel(&i->asking);
	sender_cancel(&i->judging);
	why_free(&i->begun);
	if (i->fd != -1) {
		struct packet_out o = { .fd_count = 0 };

		queue_abort_put(&o, span_str(i->qid));
		channel_tell(i->qmgr, &o);
		packet_done(&o);
		file_close(&i->fd);
	}
	clean_cancel(&i->cleaning);
	check_cancel(&i->checking);
	content_free(&i->content);
	sign_cancel(&i->signing);
	milter_local_cancel(&i->milters);
	buf_free(&i->rewritten);
	buf_free(&i->edits);
	free(i->rcpts);
	arena_free(&i->arena);
	free(i);
	*ip = NULL;
}

/* sendmail has looked at it, but who calls may be another program. */
static struct span
verp_of(const struct intake *i, const struct submit_begin *b)
{
	if (b->verp.n == 0)
		return SPAN("");
	if (verp_delimiters_good(
		b->verp, span_str(i->conf->verp_delimiter_filter)))
		return arena_span(i->arena, b->verp);
	log_warning("uid %ld: delimiters of VERP that verp_delimiter_filter "
		    "does not have: passed over",
	    (long)i->uid);
	return SPAN("");
}

void
intake_begin(struct intake *i, const struct submit_begin *b, uid_t uid)
{
	i->uid = uid;
	i->sender = arena_span(i->arena, b->sender);
	if (b->sender.n > 0 && span_find(b->sender, '@') == b->sender.n)
		i->sender = span_str(arena_printf(i->arena, "%.*s@%s",
		    (int)b->sender.n, b->sender.p, i->conf->myorigin));
	i->full_name = arena_span(i->arena, b->full_name);
	i->envid = arena_span(i->arena, b->envid);
	i->ret = b->ret;
	i->verp = verp_of(i, b);
	i->flags = b->flags &
	    (QUEUE_8BIT | QUEUE_SMTPUTF8 | QUEUE_PROBE | QUEUE_TRACE);
	if ((i->flags & QUEUE_PROBE) != 0)
		i->flags |= QUEUE_TRACE;
}

void
intake_judge(struct intake *i, struct span sender)
{
	if (sender_limited(i->conf))
		i->judging =
		    sender_start(i->conf, i->uid, sender, sender_judged, i);
}

bool
intake_rcpts(struct intake *i, const struct queue_rcpt *r, size_t count)
{
	if (i->rcpt_count + count > RCPTS_MAX)
		return false;
	if (i->rcpt_count + count > i->rcpt_room) {
		i->rcpt_room = i->rcpt_room * 2 + count;
		i->rcpts =
		    mem_resize(i->rcpts, i->rcpt_room, sizeof(*i->rcpts));
	}
	for (size_t k = 0; k < count; k++) {
		struct queue_rcpt *to = &i->rcpts[i->rcpt_count++];

		*to = (struct queue_rcpt){ .notify = r[k].notify,
			.address = arena_span(i->arena, r[k].address) };
	}
	return true;
}

static void
looked_at(void *arg)
{
	struct intake *i = arg;
	struct why why;

	i->checking = NULL;
	why_init(&why);
	i->calls->ready(i->arg, &why);
	why_free(&why);
}

static void
look(struct intake *i, check_fn *fn)
{
	struct check_request r = { .qid = i->qid,
		.arena = i->arena,
		.content = i->content,
		.result = &i->checked,
		.sender = i->sender };

	if (i->rcpt_count > 0)
		r.rcpt = i->rcpts[0].address;
	i->checking = check_start(&r, fn, i);
}

bool
intake_data(struct intake *i, struct span bytes, struct why *why)
{
	(void)content_chunk(i->content, bytes);
	if (content_too_big(i->content)) {
		why_set(why, "5.3.4",
		    "Message size exceeds the limit of %llu bytes",
		    (unsigned long long)i->conf->message_size_limit);
		return false;
	}
	look(i, looked_at);
	return true;
}

bool
intake_busy(const struct intake *i)
{
	return i->checking != NULL;
}

static void
received_put(const struct intake *i, struct buf *edits)
{
	struct buf line = BUF_EMPTY;
	int64_t now = clock_wall();

	buf_printf(&line, "Received: by %s (%s, from userid %u)\n\tid %s; ",
	    i->conf->myhostname, i->conf->mail_name, (unsigned)i->uid, i->qid);
	date_print(&line, now, date_local_zone(now));
	buf_add_byte(&line, '\n');
	edits_add(edits, EDIT_PREPEND, 0, buf_span(&line));
	buf_free(&line);
}

/* Fields that a message must have and this one has not. */
static void
missing_put(const struct intake *i, struct buf *edits, struct buf *id)
{
	unsigned seen = content_facts(i->content)->seen;
	struct buf fields = BUF_EMPTY;
	struct compose *c = compose_new(&fields);
	int64_t now = clock_wall();

	if ((seen & HEADER_MESSAGE_ID) == 0)
		compose_message_id(c, span_str(i->conf->myhostname), id);
	if ((seen & HEADER_DATE) == 0)
		compose_date(c, now, date_local_zone(now));
	if ((seen & HEADER_FROM) == 0 &&
	    !compose_from(
		c, i->full_name, i->sender, span_str(i->conf->myorigin)))
		log_warning(
		    "%s: the sender cannot stand in a From field", i->qid);
	check_params_undisclosed(&i->conf->check, seen, c);
	if (fields.n > 0)
		edits_add(edits, EDIT_APPEND, 0, buf_span(&fields));
	compose_free(&c);
	buf_free(&fields);
}

static void
committed(void *arg, struct packet_in *in)
{
	struct intake *i = arg;
	struct why why;

	i->asking = NULL;
	why_init(&why);
	if (in == NULL || !queue_done_get(in, &why))
		why_set(&why, "4.3.0", "qmgr is not available");
	i->calls->done(i->arg, &why, span_str(i->qid));
	why_free(&why);
}

static void
log_in(const struct intake *i, struct span id)
{
	struct buf from = BUF_EMPTY;

	log_quote(&from, i->sender, 256);
	log_info("%s: uid=%u from=<%.*s>", i->qid, (unsigned)i->uid,
	    (int)from.n, from.p);
	log_info_as("cleanup", "%s: message-id=%.*s", i->qid, (int)id.n, id.p);
	buf_free(&from);
}

/* Recipients that do not fit into the commit's packet go before it. */
static void
rcpts_send(struct intake *i, size_t *sent)
{
	struct packet_out o = { .fd_count = 0 };

	while (i->rcpt_count - *sent > QUEUE_RCPTS_PACKET) {
		queue_rcpts_put(
		    &o, span_str(i->qid), i->rcpts + *sent, QUEUE_RCPTS_PACKET);
		channel_tell(i->qmgr, &o);
		*sent += QUEUE_RCPTS_PACKET;
	}
	packet_done(&o);
}

/* What was said on the command line, and what the message says itself. */
static unsigned
flags_of(const struct intake *i)
{
	unsigned flags = i->flags | (i->plain ? QUEUE_NO_MAPPINGS : 0U) |
	    (i->hold ? QUEUE_HOLD : 0U);
	bool utf8 = content_is_utf8(i->content) || utf8_wide(i->sender);

	for (size_t k = 0; k < i->rcpt_count && !utf8; k++)
		utf8 = utf8_wide(i->rcpts[k].address);
	if (i->autodetect && utf8)
		flags |= QUEUE_SMTPUTF8;
	if (content_tls_optional(i->content) && i->conf->tls_required_enable)
		flags |= QUEUE_TLS_OPTIONAL;
	return flags;
}

static struct span
filter_of(const struct intake *i)
{
	if ((i->flags & QUEUE_PROBE) != 0)
		return SPAN("");
	return i->checked.filter.n > 0
	    ? i->checked.filter
	    : span_trim(span_str(i->conf->content_filter));
}

static void
commit_signed(struct intake *i)
{
	struct packet_out o = { .fd_count = 0 };
	size_t sent = 0;
	struct queue_envelope e = { .qid = span_str(i->qid),
		.sender = i->sender,
		.size = content_size(i->content),
		.crc = content_crc(i->content),
		.client_name = SPAN("localhost"),
		.client_addr = SPAN("127.0.0.1"),
		.proto = SPAN("local"),
		.envid = i->envid,
		.ret = i->ret,
		.verp = i->verp,
		.filter = filter_of(i),
		.flags = flags_of(i) };

	e.edits = buf_span(&i->edits);
	e.message_id = i->message_id;
	log_in(i, e.message_id);
	file_close(&i->fd);
	rcpts_send(i, &sent);
	e.rcpts = i->rcpts + sent;
	e.rcpt_count = i->rcpt_count - sent;
	queue_commit_put(&o, &e);
	i->asking = channel_ask(i->qmgr, &o, committed, i);
	packet_done(&o);
}

static void
signed_all(void *arg, struct span fields)
{
	struct intake *i = arg;

	i->signing = NULL;
	if (fields.n > 0)
		edits_add(&i->edits, EDIT_PREPEND, 0, fields);
	commit_signed(i);
}

/* Nobody changes it any more. */
static void
commit_judged(struct intake *i)
{
	struct sign_request r = { .qid = i->qid,
		.fd = i->fd,
		.size = content_size(i->content),
		.keys = i->conf->keys };

	received_put(i, &i->edits);
	r.edits = buf_span(&i->edits);
	if (r.keys == NULL)
		commit_signed(i);
	else
		i->signing = sign_start(
		    service_loop(), service_channel("keys"), &r, signed_all, i);
}

/* ---- milters */

static void
rcpt_add(void *arg, const struct queue_rcpt *r)
{
	struct intake *i = arg;

	for (size_t k = 0; k < i->rcpt_count; k++)
		if (span_ieq(i->rcpts[k].address, r->address))
			return;
	if (!intake_rcpts(i, r, 1))
		log_warning("%s: a milter adds too many recipients", i->qid);
}

static void
rcpt_remove(void *arg, struct span address)
{
	struct intake *i = arg;
	size_t kept = 0;

	for (size_t k = 0; k < i->rcpt_count; k++)
		if (!span_ieq(i->rcpts[k].address, address))
			i->rcpts[kept++] = i->rcpts[k];
	i->rcpt_count = kept;
}

static void
changed(struct intake *i, const struct milter_mail *m)
{
	milter_mail_edits(i->judged);
	i->hold = i->hold || m->hold;
	if (m->sender_changed) {
		i->sender = m->sender;
		i->ret = m->has_ret ? m->ret : i->ret;
		i->envid = m->has_envid ? m->envid : i->envid;
	}
	if (m->body_replaced) {
		content_replaced(i->content, m->size, m->crc);
	}
}

/* Refused, or thrown away: who sent it hears of the first alone. */
static void
given_up(struct intake *i, const struct milter_verdict *v)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (v->fate == MILTER_REFUSE) {
		log_quote(&text, v->text, REASON_MAX);
		why_set(&why, v->status, "%s", buf_str(&text));
		/* the code counts: 421, and a status that is at odds with it */
		why.outcome = v->code < 500 ? DEFER : BOUNCE;
	}
	i->calls->done(i->arg, &why, span_str(i->qid));
	buf_free(&text);
	why_free(&why);
}

static void
judged(void *arg, const struct milter_verdict *v)
{
	struct intake *i = arg;

	if (v->fate == MILTER_GO_ON)
		changed(i, i->judged);
	if (v->fate != MILTER_GO_ON || i->rcpt_count == 0) {
		given_up(i, v);
		return;
	}
	milter_local_cancel(&i->milters);
	commit_judged(i);
}

static void
judge(struct intake *i)
{
	struct milter_local_request r = { .conf = i->conf->milters,
		.loop = service_loop(),
		.connector = service_channel("connector"),
		.hostname = i->conf->myhostname,
		.sender = i->sender,
		.rcpts = i->rcpts,
		.rcpt_count = i->rcpt_count };

	i->judged = arena_alloc(i->arena, sizeof(*i->judged));
	*i->judged = (struct milter_mail){ .fd = i->fd,
		.body_at = content_facts(i->content)->body_at,
		.size = content_size(i->content),
		.size_max = i->conf->message_size_limit,
		.arena = i->arena,
		.edits = &i->edits,
		.qid = i->qid,
		.utf8 = i->autodetect,
		.rcpt_add = rcpt_add,
		.rcpt_remove = rcpt_remove,
		.arg = i };
	r.mail = i->judged;
	i->milters = milter_local_start(&r, judged, i);
}

/* What tables of checks say of its recipients. */
static void
redirect(struct intake *i)
{
	const struct check_result *r = &i->checked;

	i->hold = r->hold;
	if (r->redirect.n > 0) {
		i->rcpt_count = 0;
		(void)intake_rcpts(
		    i, &(struct queue_rcpt){ .address = r->redirect }, 1);
	}
	for (const struct check_bcc *b = r->bcc; b != NULL; b = b->next)
		if (!intake_rcpts(i,
			&(struct queue_rcpt){
			    .address = b->address, .notify = NOTIFY_NEVER },
			1))
			log_warning(
			    "%s: too many recipients for a blind copy", i->qid);
}

static void
commit(struct intake *i)
{
	const struct header_facts *facts = content_facts(i->content);
	struct buf id = BUF_EMPTY;

	redirect(i);
	buf_add_span(&i->edits, content_drops(i->content));
	buf_add_span(&i->edits, buf_span(&i->rewritten));
	missing_put(i, &i->edits, &id);
	i->message_id = arena_span(
	    i->arena, id.n > 0 ? buf_span(&id) : buf_span(&facts->message_id));
	buf_free(&id);
	if (i->conf->milters != NULL && !i->checked.pass)
		judge(i);
	else
		commit_judged(i);
}

/* ---- the final form of its addresses */

static void
cleaned(void *arg, const struct clean_answer *a)
{
	struct intake *i = arg;
	struct why why;

	i->cleaning = NULL;
	if (a->why.outcome != DONE) {
		why_init(&why);
		why_copy(&why, &a->why);
		i->calls->done(i->arg, &why, span_str(i->qid));
		why_free(&why);
		return;
	}
	i->sender = arena_span(i->arena, a->sender);
	for (size_t k = 0; k < a->edit_count; k++)
		edits_add(&i->rewritten, EDIT_REPLACE, a->edits[k].number,
		    a->edits[k].text);
	for (size_t k = 0; k < a->copy_count; k++)
		(void)intake_rcpts(i,
		    &(struct queue_rcpt){
			.address = a->copies[k], .notify = NOTIFY_NEVER },
		    1);
	commit(i);
}

static void
rcpts_list(struct intake *i, struct clean_request *r)
{
	struct span *rcpts =
	    arena_array(i->arena, i->rcpt_count, sizeof(*rcpts));

	for (size_t k = 0; k < i->rcpt_count; k++)
		rcpts[k] = i->rcpts[k].address;
	r->rcpts = rcpts;
	r->rcpt_count = i->rcpt_count;
}

static bool
is_unfinished(const struct intake *i, const struct clean_request *r)
{
	for (size_t k = 0; k < r->field_count; k++)
		if (address_is_unfinished(i->arena, r->fields[k].value))
			return true;
	return r->sender.n > 0 && address_is_unfinished(i->arena, r->sender);
}

static void
clean(struct intake *i)
{
	const struct main_cf *m = service_main_cf();
	struct clean_request r = { .header = CLEAN_LOCAL,
		.sender = i->sender,
		.no_mappings = i->plain };

	r.fields = content_addresses(i->content, &r.field_count);
	if (!i->plain && rewriting_wants_rcpts(m))
		rcpts_list(i, &r);
	if ((!i->plain && rewriting_wanted(m)) || is_unfinished(i, &r))
		i->cleaning =
		    clean_start(service_channel("lookup"), &r, cleaned, i);
	else
		commit(i);
}

/* What main.cf has against it; NULL: nothing. */
static const char *
fault_of(const struct intake *i, const char **status)
{
	enum strict_fault fault = content_fault(i->content);

	*status = content_bad_bytes(i->content) ? "5.7.1" : "5.6.0";
	if (content_bad_bytes(i->content))
		return "disallowed character";
	return fault == STRICT_FINE ? NULL : strict_text(fault);
}

/* False: main.cf or tables of checks want something else than to go on, and
 * i is gone. */
static bool
passes(struct intake *i)
{
	const struct check_result *r = &i->checked;
	const char *status, *fault = fault_of(i, &status);
	struct why why;

	if (r->state == CHECKED_GOOD && fault == NULL)
		return true;
	why_init(&why);
	if (fault != NULL) {
		log_info_as(
		    "cleanup", "%s: reject: %s %s", i->qid, status, fault);
		why_set(&why, status, "%s", fault);
	} else if (r->state == CHECKED_TROUBLE) {
		why_set(&why, "4.3.0", "temporary lookup failure");
	} else if (r->state == CHECKED_REJECT) {
		struct buf text = BUF_EMPTY;

		log_quote(&text, r->text, REASON_MAX);
		why_set(&why, r->status, "%s", buf_str(&text));
		buf_free(&text);
	}
	i->calls->done(i->arg, &why, span_str(i->qid));
	why_free(&why);
	return false;
}

/* The last of it is looked at. */
static void
content_over(void *arg)
{
	struct intake *i = arg;
	struct why why;

	i->checking = NULL;
	if (content_finish(i->content)) {
		if (passes(i))
			clean(i);
		return;
	}
	log_error("%s: write: %s", i->qid, strerror(errno));
	why_init(&why);
	why_set(&why, errno == ENOSPC ? "4.3.1" : "4.3.0",
	    "queue file write error");
	i->calls->done(i->arg, &why, span_str(i->qid));
	why_free(&why);
}

void
intake_end(struct intake *i)
{
	content_end(i->content);
	look(i, content_over);
	if (i->checking == NULL)
		content_over(i);
}
