/*
 * mail.c - one message for one recipient
 *
 * The content stays in the queue file and is read through the descriptor; what
 * local delivery adds comes before it.
 */

#include "deliver/mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/queue_call.h"
#include "config/param.h"
#include "deliver/conf.h"
#include "mailbox/store.h"
#include "message/address.h"
#include "message/header.h"
#include "os/clock.h"
#include "os/users.h"
#include "queue/edits.h"
#include "queue/qread.h"
#include "queue/via.h"
#include "rules/vars.h"

enum {
	HEADER_MAX = 1 << 20,
	HEADER_STEP = 8192,
	BODY_STEP = 65536,
	DELIVERED_MAX = 1000
};

/* ---- the address */

/* Behind the account's name, or else behind the first delimiter. */
static struct span
find_extension(struct span local, struct span user, const char *delimiters)
{
	size_t at;

	if (*delimiters == '\0')
		return span_of(NULL, 0);
	if (local.n > user.n && span_ieq(span_head(local, user.n), user) &&
	    strchr(delimiters, local.p[user.n]) != NULL)
		return span_skip(local, user.n + 1);
	at = span_find_any(local, delimiters);
	return at == 0 || at == local.n ? span_of(NULL, 0)
					: span_skip(local, at + 1);
}

static void
split_address(struct mail *m)
{
	struct span all = m->to->address;
	size_t at = span_rfind(all, '@');
	struct buf local = BUF_EMPTY;

	address_unquote(&local, span_head(all, at));
	m->local = arena_span(m->arena, buf_span(&local));
	buf_free(&local);
	m->domain = span_skip(all, at + 1);
	m->extension = find_extension(
	    m->local, m->to->user, m->place->conf->recipient_delimiter);
}

/* ---- what comes before the message */

static void
add_plain(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(
		    out, ascii_control((unsigned char)s.p[i]) ? '?' : s.p[i]);
}

/* The recipient is an address, and no command or file of an alias. */
static bool
is_named(const struct mail *m)
{
	return m->to->kind == TO_USER || m->to->kind == TO_REMOTE;
}

static struct span
delivered_to(const struct mail *m)
{
	struct span via = m->request->via, alias;

	if (is_named(m))
		return m->to->address;
	if (span_line(&via, &alias))
		return alias;
	return m->to->orig.n > 0 ? m->to->orig : m->to->address;
}

void
mail_trace(const struct mail *m, unsigned fields, struct buf *out)
{
	if ((fields & TRACE_RETURN_PATH) != 0) {
		buf_add_str(out, "Return-Path: <");
		add_plain(out, m->request->sender);
		buf_add_str(out, ">\n");
	}
	if ((fields & TRACE_ORIGINAL_TO) != 0 &&
	    m->place->conf->enable_original_recipient) {
		buf_add_str(out, "X-Original-To: ");
		add_plain(
		    out, m->to->orig.n > 0 ? m->to->orig : m->to->address);
		buf_add_byte(out, '\n');
	}
	if ((fields & TRACE_DELIVERED_TO) != 0) {
		buf_add_str(out, "Delivered-To: ");
		add_plain(out, delivered_to(m));
		buf_add_byte(out, '\n');
	}
}

/* where: a word of prepend_delivered_header */
static struct span
trace(struct mail *m, const char *where)
{
	bool told =
	    param_list_has(m->place->conf->prepend_delivered_header, where);
	struct buf b = BUF_EMPTY;
	struct span kept;

	mail_trace(m,
	    TRACE_RETURN_PATH | TRACE_ORIGINAL_TO |
		(told ? TRACE_DELIVERED_TO : 0),
	    &b);
	kept = arena_span(m->arena, buf_span(&b));
	buf_free(&b);
	return kept;
}

static const char *
from_line(struct mail *m)
{
	time_t now = (time_t)clock_wall();
	struct buf b = BUF_EMPTY;
	char date[64] = "";
	const char *kept;
	struct tm tm;

	buf_add_str(&b, "From ");
	add_plain(&b,
	    m->request->sender.n == 0 ? SPAN("MAILER-DAEMON")
				      : m->request->sender);
	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm);
	buf_printf(&b, "  %s", date);
	kept = arena_str(m->arena, buf_str(&b));
	buf_free(&b);
	return kept;
}

/* What an alias runs or writes is the alias's own mail. */
static struct edited *
edited_make(struct mail *m)
{
	const struct delivery_request *r = m->request;
	struct buf edits = BUF_EMPTY;
	struct span kept;

	if (r->via.n == 0 || !is_named(m))
		return edited_open(r->fd, r->content_size, r->edits);
	buf_add_span(&edits, r->edits);
	m->told = via_edit(&edits, r->via, (r->flags & QUEUE_SMTPUTF8) != 0);
	kept = arena_span(m->arena, buf_span(&edits));
	buf_free(&edits);
	return edited_open(r->fd, r->content_size, kept);
}

struct mail *
mail_open(const struct place *p, struct arena *a,
    const struct delivery_request *r, struct why *why)
{
	struct mail *m = arena_alloc(a, sizeof(*m));

	m->place = p;
	m->arena = a;
	m->request = r;
	m->to = &r->rcpts[0];
	m->box_limit = p->conf->mailbox_size_limit;
	if ((r->flags & QUEUE_CHECK) == 0 ||
	    qread_check(r->fd, r->content_size, r->crc) == 0)
		m->message = edited_make(m);
	/* the header is looked through anyway, and most messages end there */
	if (m->message != NULL && edited_keep(m->message, HEADER_STEP) == -1)
		edited_free(&m->message);
	if (m->message == NULL) {
		why_set(why, "4.3.0", "cannot read the queue file: %s",
		    errno == EBADMSG ? "the queue file is damaged"
				     : strerror(errno));
		return NULL;
	}
	split_address(m);
	m->from = from_line(m);
	m->trace = trace(m, "file");
	m->trace_command = trace(m, "command");
	return m;
}

void
mail_close(struct mail *m)
{
	edited_free(&m->message);
}

/* ---- reading it */

uint64_t
mail_size(const struct mail *m)
{
	return edited_size(m->message);
}

static struct store_piece
content_piece(const struct mail *m, const struct edits_piece *piece)
{
	struct store_piece out = { .fd = -1 };

	if (!edited_kept(m->message, piece->offset, piece->size, &out.bytes)) {
		out.fd = m->request->fd;
		out.at = piece->offset;
		out.n = piece->size;
	}
	return out;
}

struct store_piece *
mail_pieces(struct mail *m, struct span head, size_t *count)
{
	struct store_piece *all;
	struct edits_piece piece;
	size_t at = 0, n = 0;

	while (edited_next(m->message, &at, &piece))
		n++;
	all = arena_array(m->arena, 2 * n + 1, sizeof(*all));
	*count = 0;
	all[(*count)++] = (struct store_piece){ .bytes = head, .fd = -1 };
	for (at = 0; edited_next(m->message, &at, &piece);) {
		if (piece.text.n > 0)
			all[(*count)++] =
			    (struct store_piece){ .bytes = piece.text,
				    .fd = -1 };
		if (piece.size > 0)
			all[(*count)++] = content_piece(m, &piece);
	}
	return all;
}

/* Append what comes behind it, up to most bytes; 0: the end. -1 with errno. */
static ssize_t
read_step(struct mail *m, size_t most, uint64_t at, struct buf *out)
{
	ssize_t n;

	do
		n = edited_read(m->message, buf_room(out, most), most, at);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		out->n += (size_t)n;
	return n;
}

/* Append the header, and what of the body came with it: ever larger steps, so
 * that a long header is looked through a few times and a long body not read. */
static void
read_header(struct mail *m, struct buf *out)
{
	size_t step = HEADER_STEP;

	while (out->n < HEADER_MAX && read_step(m, step, out->n, out) > 0 &&
	    header_end(buf_span(out)) == out->n)
		step = out->n > step ? out->n : step;
}

bool
mail_read(struct mail *m, bool from, struct span head, struct buf *out)
{
	uint64_t size = mail_size(m), at = 0;

	if (from) {
		buf_add_str(out, m->from);
		buf_add_byte(out, '\n');
	}
	buf_add_span(out, head);
	while (at < size) {
		size_t most = size - at < BODY_STEP ? (size_t)(size - at)
						    : (size_t)BODY_STEP;
		ssize_t n = read_step(m, most, at, out);

		if (n <= 0)
			return false;
		at += (uint64_t)n;
	}
	return true;
}

bool
mail_loops(struct mail *m)
{
	struct buf head = BUF_EMPTY;
	struct span rest;
	struct header_field field;
	bool found = false;
	int seen = 0;

	read_header(m, &head);
	rest = buf_span(&head);
	while (!found && seen < DELIVERED_MAX && header_next(&rest, &field)) {
		if (!span_iis(field.name, "Delivered-To"))
			continue;
		seen++;
		found = span_ieq(span_trim(field.value), m->to->address);
	}
	buf_free(&head);
	return found;
}

struct span
mail_came_back(struct mail *m)
{
	struct buf head = BUF_EMPTY;
	struct span rest, found = SPAN("");
	struct header_field field;
	size_t seen = 0, at = 0;

	if (m->request->via.n == 0)
		return found;
	read_header(m, &head);
	rest = buf_span(&head);
	while (found.n == 0 && seen < DELIVERED_MAX &&
	    header_next(&rest, &field)) {
		if (at++ < m->told || !span_iis(field.name, "Delivered-To"))
			continue;
		seen++;
		if (via_has(m->request->via, span_trim(field.value)))
			found = arena_span(m->arena, span_trim(field.value));
	}
	buf_free(&head);
	return found;
}

/* ---- names and values */

bool
mail_name(const struct mail *m, struct span name, struct span *out)
{
	const struct account *u = m->place->user;
	const struct {
		const char *name;
		struct span value;
	} names[] = {
		{ "user", span_str(u->name) },
		{ "home", span_str(u->home) },
		{ "shell", span_str(u->shell) },
		{ "recipient", m->to->address },
		{ "local", m->local },
		{ "domain", m->domain },
		{ "extension", m->extension },
		{ "recipient_delimiter",
		    span_str(m->place->conf->recipient_delimiter) },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!span_is(name, names[i].name))
			continue;
		*out = names[i].value;
		return out->n > 0;
	}
	return false;
}

static void
set_filtered(
    const struct mail *m, struct vars *v, const char *name, struct span value)
{
	const char *allowed = m->place->conf->command_expansion_filter;
	struct buf b = BUF_EMPTY;

	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(&b,
		    value.p[i] != '\0' && strchr(allowed, value.p[i]) != NULL
			? value.p[i]
			: '_');
	vars_set(v, span_str(name), buf_span(&b));
	buf_free(&b);
}

/* "name=value" as it is, "name" as this process has it. */
static void
add_exported(struct vars *v, struct span item)
{
	size_t is;
	char *name;

	item = param_item_bare(item);
	is = span_find(item, '=');
	if (is < item.n) {
		vars_set(v, span_head(item, is), span_skip(item, is + 1));
		return;
	}
	name = mem_span(item);
	if (getenv(name) != NULL)
		vars_set_str(v, name, getenv(name));
	free(name);
}

struct vars *
mail_exported(const struct mail *m)
{
	struct span rest = span_str(m->place->conf->export_environment), item;
	struct vars *v = vars_new();

	vars_set_str(v, "PATH", "/usr/bin:/bin");
	while (param_list_next(&rest, &item))
		add_exported(v, item);
	return v;
}

struct vars *
mail_environment(const struct mail *m)
{
	const struct account *u = m->place->user;
	struct vars *v = mail_exported(m);

	vars_set_str(v, "USER", u->name);
	vars_set_str(v, "LOGNAME", u->name);
	vars_set_str(v, "HOME", u->home);
	vars_set_str(v, "SHELL", *u->shell == '\0' ? "/bin/sh" : u->shell);
	set_filtered(m, v, "SENDER", m->request->sender);
	set_filtered(m, v, "RECIPIENT", m->to->address);
	set_filtered(m, v, "ORIGINAL_RECIPIENT",
	    m->to->orig.n > 0 ? m->to->orig : m->to->address);
	set_filtered(m, v, "LOCAL", m->local);
	set_filtered(m, v, "DOMAIN", m->domain);
	if (m->extension.n > 0)
		set_filtered(m, v, "EXTENSION", m->extension);
	set_filtered(m, v, "CLIENT_ADDRESS", m->request->client_addr);
	set_filtered(m, v, "CLIENT_HELO", m->request->helo);
	set_filtered(m, v, "CLIENT_PROTOCOL", m->request->proto);
	return v;
}
