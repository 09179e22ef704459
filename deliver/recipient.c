/*
 * recipient.c - what becomes of one message for one local recipient
 *
 * ~/.forward first; then mailbox_command, home_mailbox or the spool. Where a
 * list has commands and files besides addresses, those are done here and the
 * addresses go back to qmgr once all of them have succeeded: what fails for
 * now is tried again as a whole.
 */

#include "deliver/recipient.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "config/param.h"
#include "deliver/box.h"
#include "deliver/command.h"
#include "deliver/conf.h"
#include "deliver/filter.h"
#include "deliver/forward.h"
#include "deliver/mail.h"
#include "deliver/pipe.h"
#include "deliver/pipe_conf.h"
#include "deliver/sieve.h"
#include "os/users.h"

enum { SHOWN_MAX = 500 };

static enum outcome
to_mailbox(struct mail *m, struct why *why)
{
	const char *command = m->place->task != NULL
	    ? m->place->task
	    : m->place->conf->mailbox_command;

	if (m->place->user->uid != 0 && sieve_deliver(m, command, why))
		return why->outcome;
	if (*command == '\0')
		return box_deliver(m, why);
	if (filter_is_ours(span_str(command)))
		return filter_deliver(m, span_str(command), why);
	return command_deliver(m, span_str(command), why);
}

/* ---- lists */

struct expansion {
	struct mail *mail;
	struct span *fresh;
	size_t count, room;
	bool bounced;
	const char *source; /* "forward" or "include" */
};

static bool
allowed(const struct expansion *x, const char *list, const char *what,
    struct why *why)
{
	if (param_list_has(list, x->source))
		return true;
	why_set(why, "5.7.1", "mail to a %s is not allowed in %s%s", what,
	    x->source, span_is(span_str(x->source), "alias") ? "es" : " files");
	return false;
}

static void
add_fresh(struct expansion *x, struct span address)
{
	if (x->count < x->room)
		x->fresh[x->count++] = address;
}

static enum outcome
member_deliver(
    struct expansion *x, const struct forward_member *f, struct why *why)
{
	const struct deliver_conf *c = x->mail->place->conf;

	switch (f->kind) {
	case FORWARD_SELF:
		return to_mailbox(x->mail, why);
	case FORWARD_COMMAND:
		if (!allowed(x, c->allow_mail_to_commands, "command", why))
			return BOUNCE;
		return command_deliver(x->mail, f->text, why);
	case FORWARD_FILE:
		if (!allowed(x, c->allow_mail_to_files, "file", why))
			return BOUNCE;
		return box_deliver_to(
		    x->mail, arena_span_str(x->mail->arena, f->text), why);
	case FORWARD_INCLUDE:
		why_set(why, "5.7.1", ":include: is not allowed in %s files",
		    x->source);
		return BOUNCE;
	case FORWARD_ADDRESS:
		break;
	}
	add_fresh(x, f->text);
	why_set(why, "2.0.0", "forwarded");
	return DONE;
}

static void
say_forwarded(const struct expansion *x, struct why *why)
{
	struct buf line = BUF_EMPTY;

	for (size_t i = 0; i < x->count && line.n < SHOWN_MAX; i++) {
		buf_add_str(&line, i == 0 ? "" : ", ");
		log_quote(&line, x->fresh[i], SHOWN_MAX);
	}
	why_set(why, "2.0.0", "forwarded to %.*s", (int)line.n, line.p);
	buf_free(&line);
}

/* The first member that must wait makes all wait; one that failed for good is
 * told to the sender only when nobody else takes the message on. */
static enum outcome
list_deliver(
    struct expansion *x, const struct forward_list *list, struct why *why)
{
	struct why one, failed;
	enum outcome got = DONE;

	why_init(&failed);
	for (size_t i = 0; i < list->count && got != DEFER; i++) {
		why_init(&one);
		got = member_deliver(x, &list->members[i], &one);
		if (got == BOUNCE) {
			x->bounced = true;
			log_warning("%s: %s", x->mail->place->user->name,
			    why_text(&one));
			why_copy(&failed, &one);
		} else {
			why_copy(why, &one);
		}
		why_free(&one);
	}
	if (got != DEFER && x->count > 0)
		say_forwarded(x, why);
	else if (got != DEFER && x->bounced)
		why_copy(why, &failed);
	why_free(&failed);
	return why->outcome;
}

static void
expand(struct mail *m, const struct forward_list *list, const char *source,
    struct delivery_result *result)
{
	struct expansion x = { .mail = m,
		.source = source,
		.room = list->count,
		.fresh =
		    arena_array(m->arena, list->count + 1, sizeof(*x.fresh)) };

	if (list_deliver(&x, list, &result->why) == DONE) {
		result->fresh = x.fresh;
		result->fresh_count = x.count;
	}
}

/* ---- kinds of recipients */

/* What a Sieve script sends on goes with the addresses of ~/.forward. */
static void
add_redirects(struct mail *m, struct delivery_result *result)
{
	struct span *all;

	if (m->redirect_count == 0 || result->why.outcome != DONE)
		return;
	all = arena_array(
	    m->arena, result->fresh_count + m->redirect_count, sizeof(*all));
	for (size_t i = 0; i < result->fresh_count; i++)
		all[i] = result->fresh[i];
	for (size_t i = 0; i < m->redirect_count; i++)
		all[result->fresh_count + i] = m->redirects[i];
	result->fresh = all;
	result->fresh_count += m->redirect_count;
}

static void
to_user(struct mail *m, struct delivery_result *result)
{
	struct forward_list list;

	if (m->place->user->uid != 0 && mail_loops(m)) {
		why_set(&result->why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)m->to->address.n, m->to->address.p);
		return;
	}
	switch (m->place->user->uid == 0
		? FORWARD_NONE
		: forward_find(m, &list, &result->why)) {
	case FORWARD_TROUBLE:
		return;
	case FORWARD_LIST:
		expand(m, &list, "forward", result);
		add_redirects(m, result);
		return;
	case FORWARD_NONE:
		break;
	}
	if (m->place->user->uid == 0) /* root runs and parses nothing here */
		(void)box_deliver(m, &result->why);
	else
		(void)to_mailbox(m, &result->why);
	add_redirects(m, result);
}

static void
to_include(struct mail *m, struct delivery_result *result)
{
	struct span path = span_skip(m->to->address, sizeof(":include:") - 1);
	struct forward_list list;

	switch (forward_include(m, path, &list, &result->why)) {
	case FORWARD_LIST:
		expand(m, &list, "include", result);
		break;
	case FORWARD_NONE:
		why_set(&result->why, "5.3.5", "%.*s names nobody", (int)path.n,
		    path.p);
		break;
	case FORWARD_TROUBLE:
		break;
	}
}

/* "|command" or "/file" of an alias. */
static void
of_alias(struct mail *m, struct span address, struct why *why)
{
	const struct deliver_conf *c = m->place->conf;
	struct expansion x = { .mail = m, .source = "alias" };

	if (m->to->kind == TO_COMMAND) {
		if (span_starts(address, "|"))
			address = span_skip(address, 1);
		if (allowed(&x, c->allow_mail_to_commands, "command", why))
			(void)command_deliver(m, address, why);
	} else if (allowed(&x, c->allow_mail_to_files, "file", why)) {
		(void)box_deliver_to(m, arena_span_str(m->arena, address), why);
	}
}

static void
by_transport(struct mail *m, struct why *why)
{
	const struct pipe_conf *pipe =
	    pipe_table_find(m->place->pipes, m->request->transport);

	if (span_is(m->request->transport, "virtual"))
		(void)box_deliver_virtual(m, why);
	else if (pipe != NULL)
		(void)pipe_deliver(m, pipe, why);
	else
		why_set(why, "4.3.5", "mail transport unavailable");
}

void
recipient_deliver(struct mail *m, struct delivery_result *result)
{
	struct span address = m->to->address, again = SPAN("");

	if (m->place->user->uid != 0) /* root parses nothing here */
		again = mail_came_back(m);
	if (again.n > 0) {
		why_set(&result->why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)again.n, again.p);
		return;
	}
	switch (m->to->kind) {
	case TO_USER:
		to_user(m, result);
		break;
	case TO_COMMAND:
	case TO_FILE:
		of_alias(m, address, &result->why);
		break;
	case TO_INCLUDE:
		to_include(m, result);
		break;
	case TO_REMOTE:
		by_transport(m, &result->why);
		break;
	}
}
