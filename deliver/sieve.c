/*
 * sieve.c - a user's Sieve script instead of procmail
 *
 * The script is read as the user, and gives a list of actions (lib/sieve);
 * they are done here, what stores the message first. Whatever is wrong with a
 * script or with a folder it names, the message goes into the mailbox.
 */

#include "deliver/sieve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "deliver/box.h"
#include "deliver/command.h"
#include "deliver/conf.h"
#include "deliver/filter.h"
#include "deliver/forward.h"
#include "deliver/mail.h"
#include "deliver/sieve_folder.h"
#include "deliver/sieve_script.h"
#include "deliver/sieve_send.h"
#include "os/clock.h"
#include "os/users.h"
#include "rules/program.h"
#include "rules/vacation.h"
#include "rules/vacation_send.h"
#include "rules/vars.h"
#include "sieve/run.h"
#include "sieve/script.h"

enum { SHOWN = 200 };

struct sieving {
	struct mail *mail;
	const char *path;
	struct span message;
	int64_t until;
	bool stored; /* somewhere, of what the script asked */
};

/* ---- whether */

/* A procmailrc that goes before a script. */
static bool
has_procmailrc(struct mail *m, bool procmail)
{
	const char *own =
	    arena_printf(m->arena, "%s/.procmailrc", m->place->user->home);

	return access(own, F_OK) == 0 ||
	    (procmail && access("/etc/procmailrc", F_OK) == 0);
}

/* ---- actions */

static void
say(const struct sieving *s, int line, const char *what, struct span text)
{
	struct buf quoted = BUF_EMPTY;

	log_quote(&quoted, text, SHOWN);
	log_warning("%s:%d: %s%s%s", s->path, line, what,
	    text.n > 0 ? ": " : "", buf_str(&quoted));
	buf_free(&quoted);
}

/* Once into the mailbox, whatever was to be done. */
static enum outcome
keep(struct sieving *s, const struct sieve_action *a, struct why *why)
{
	enum outcome got;

	if (a != NULL && (a->flag_count > 0 || a->head.p != NULL) &&
	    sieve_folder_store(s->mail, s->message, a, &got, why))
		return got;
	if (a != NULL && a->head.p != NULL &&
	    *s->mail->place->conf->home_mailbox == '\0')
		return sieve_send_spool(s->mail, s->message, a, why);
	if (a != NULL && a->head.p != NULL)
		say(s, a->line, "the mailbox is a file: the header is kept",
		    SPAN(""));
	return box_deliver(s->mail, why);
}

static enum outcome
store(struct sieving *s, const struct sieve_action *a, struct why *why)
{
	struct sieve_action inbox = *a;
	enum outcome got;

	if (a->kind == SIEVE_KEEP)
		return keep(s, a, why);
	if (sieve_folder_store(s->mail, s->message, a, &got, why))
		return got;
	say(s, a->line, "no such folder; the message goes into the mailbox",
	    a->text);
	inbox.text = SPAN("INBOX");
	return keep(s, &inbox, why);
}

/* A .forward file may name the user twice, and the script then runs twice. */
static void
redirect(struct sieving *s, const struct sieve_action *a)
{
	struct mail *m = s->mail;
	size_t room = (size_t)m->place->conf->sieve_max_redirects;

	if (m->redirects == NULL)
		m->redirects =
		    arena_array(m->arena, room + 1, sizeof(*m->redirects));
	for (size_t i = 0; i < m->redirect_count; i++)
		if (span_ieq(m->redirects[i], a->text))
			return;
	if (m->redirect_count < room)
		m->redirects[m->redirect_count++] = a->text;
}

/* ---- vacation */

static struct vacation_names
own_names(struct mail *m, const struct sieve_vacation *v)
{
	struct span *list =
	    arena_array(m->arena, v->address_count + 2, sizeof(*list));
	size_t n = 0;

	list[n++] = m->to->address;
	if (m->to->orig.n > 0)
		list[n++] = m->to->orig;
	for (size_t i = 0; i < v->address_count; i++)
		list[n++] = v->addresses[i];
	return (struct vacation_names){ list, n, "" };
}

static int64_t
period_of(const struct deliver_conf *c, const struct sieve_vacation *v)
{
	if (v->period == -1)
		return c->sieve_vacation_default_period;
	return v->period < c->sieve_vacation_min_period
	    ? c->sieve_vacation_min_period
	    : v->period;
}

/* A copy of the answer, where :fcc says (RFC 8580). */
static void
answer_file(struct sieving *s, const struct sieve_action *fcc, struct span text)
{
	struct sieve_action a = *fcc;
	enum outcome got = DEFER;
	struct why why;

	why_init(&why);
	a.head = text;
	a.tail = text.n;
	if (!sieve_folder_store(s->mail, text, &a, &got, &why) || got != DONE)
		say(s, a.line, "no copy of the answer is kept in", a.text);
	why_free(&why);
}

static void
answer_send(struct sieving *s, const struct sieve_action *a, struct span text)
{
	struct mail *m = s->mail;
	struct vars *env = mail_environment(m);
	struct program_limits limits;
	struct vacation_send send = { .caller = "sieve",
		.sendmail = m->place->conf->sendmail_path,
		.env = vars_environment(env, m->arena),
		.limits = &limits,
		.error_fd = -1,
		.to = m->request->sender,
		.message = text,
		.matter = a->vacation.handle,
		.store = arena_printf(
		    m->arena, "%s/%s", m->place->user->home, VACATION_STORE),
		.now = clock_wall(),
		.period = period_of(m->place->conf, &a->vacation) };

	command_limits(m, &limits);
	switch (vacation_send(m->arena, &send)) {
	case VACATION_SENT:
		log_info("%.*s: %s: answered by vacation",
		    (int)m->request->qid.n, m->request->qid.p,
		    m->place->user->name);
		if (a->vacation.fcc != NULL)
			answer_file(s, a->vacation.fcc, text);
		break;
	case VACATION_SENT_BEFORE:
		break;
	case VACATION_NOT_SENT:
		say(s, a->line, "no answer: the sendmail command failed",
		    SPAN(""));
		break;
	case VACATION_NO_STORE:
		say(s, a->line, "no answer: the store cannot be used",
		    span_str(strerror(errno)));
		break;
	}
	vars_free(&env);
}

static void
vacation(struct sieving *s, const struct sieve_action *a)
{
	struct mail *m = s->mail;
	const struct sieve_vacation *v = &a->vacation;
	const struct vacation_names names = own_names(m, v);
	struct vacation_answer answer = { .message = s->message,
		.to = m->request->sender,
		.from = v->from.n > 0 ? v->from : m->to->address,
		.subject = v->subject,
		.text = v->text,
		.entity = v->mime,
		.domain = span_str(m->place->conf->myhostname),
		.now = clock_wall() };
	struct buf out = BUF_EMPTY, edited = BUF_EMPTY;
	const char *no;

	if (a->head.p != NULL) {
		sieve_send_text(s->message, a, &edited);
		answer.message = buf_span(&edited);
	}
	no = vacation_refused(
	    m->arena, answer.message, m->request->sender, &names, false);

	if (no != NULL)
		log_debug("%s: no answer: %s", m->place->user->name, no);
	else if (!vacation_compose(m->arena, &answer, &out))
		say(s, a->line,
		    "no answer: it gives no message that can be "
		    "sent",
		    SPAN(""));
	else
		answer_send(s, a, buf_span(&out));
	buf_free(&out);
	buf_free(&edited);
}

/* ---- the run */

static enum sieve_included
include(
    void *ctx, struct span name, bool global, const struct sieve_script **out)
{
	const struct sieving *s = ctx;

	return sieve_script_include(s->mail, name, global, out);
}

static bool
is_late(void *ctx)
{
	const struct sieving *s = ctx;

	return clock_ms() > s->until;
}

/* ---- what was seen before */

static struct vacation_note
note_of(const struct mail *m, struct span key, int64_t seconds)
{
	return (struct vacation_note){ .dir = AT_FDCWD,
		.name = arena_printf(
		    m->arena, "%s/.sieve.seen", m->place->user->home),
		.key = key,
		.now = clock_wall(),
		.period = seconds };
}

/* What is remembered of this very message: when its delivery has to be done
 * again, it is no duplicate of itself. */
static struct span
own_key(const struct mail *m, struct span key)
{
	struct buf b = BUF_EMPTY;
	struct span got;

	buf_add_span(&b, key);
	buf_add_byte(&b, '\0');
	buf_add_span(&b, m->request->qid);
	got = arena_span(m->arena, buf_span(&b));
	buf_free(&b);
	return got;
}

static bool
was_seen(void *ctx, struct span key)
{
	const struct sieving *s = ctx;
	const struct vacation_note n = note_of(s->mail, key, 0);
	const struct vacation_note own =
	    note_of(s->mail, own_key(s->mail, key), 0);

	return vacation_known(&n) && !vacation_known(&own);
}

/* Its own mark is on disk before the other one, so that no power cut leaves a
 * message that has to be delivered again and is a duplicate of itself. */
static void
mark_all(const struct sieving *s, const struct sieve_result *r)
{
	for (size_t i = 0; i < r->mark_count; i++) {
		const struct vacation_note own = note_of(s->mail,
		    own_key(s->mail, r->marks[i].key), r->marks[i].seconds);
		const struct vacation_note n =
		    note_of(s->mail, r->marks[i].key, r->marks[i].seconds);

		if (vacation_mark(&own) == -1 || vacation_mark(&n) == -1)
			log_warning("%s: what is duplicate cannot be told: %s",
			    n.name, strerror(errno));
	}
}

static bool
has_use(void *ctx, struct span name, struct span use)
{
	const struct sieving *s = ctx;

	return sieve_folder_has_use(s->mail, name, use);
}

static bool
has_mailbox(void *ctx, struct span name)
{
	const struct sieving *s = ctx;

	return sieve_folder_exists(s->mail, name);
}

/* What stores comes first; the first that must wait makes all wait. */
static enum outcome
store_all(struct sieving *s, const struct sieve_result *r, struct why *why)
{
	struct why one;

	for (size_t i = 0; i < r->count; i++) {
		const struct sieve_action *a = &r->actions[i];

		if (a->kind != SIEVE_KEEP && a->kind != SIEVE_FILEINTO)
			continue;
		why_init(&one);
		if (store(s, a, &one) != DONE) {
			why_copy(why, &one);
			why_free(&one);
			return why->outcome;
		}
		why_copy(why, &one);
		why_free(&one);
		s->stored = true;
	}
	return DONE;
}

/* The reason on one line, as a report has it. */
static void
reject(struct span reason, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct span word;

	while (text.n < SHOWN && span_word(&reason, " \t\r\n", &word)) {
		buf_add_str(&text, text.n == 0 ? "" : " ");
		log_quote(&text, word, SHOWN);
	}
	why_set(why, "5.7.1", "rejected by the recipient: %s", buf_str(&text));
	buf_free(&text);
}

static void
act(struct sieving *s, const struct sieve_result *r, struct why *why)
{
	why_set(why, "2.0.0", "discarded by %s", s->path);
	if (store_all(s, r, why) != DONE)
		return;
	for (size_t i = 0; i < r->count; i++) {
		const struct sieve_action *a = &r->actions[i];

		if (a->kind == SIEVE_REDIRECT && a->head.p != NULL) {
			if (!sieve_send_on(s->mail, s->message, a, why))
				return;
			if (!s->stored)
				why_set(
				    why, "2.0.0", "forwarded by %s", s->path);
		} else if (a->kind == SIEVE_REDIRECT) {
			redirect(s, a);
			if (!s->stored)
				why_set(
				    why, "2.0.0", "forwarded by %s", s->path);
		} else if (a->kind == SIEVE_VACATION) {
			vacation(s, a);
		} else if (a->kind == SIEVE_REJECT) {
			reject(a->text, why);
		}
	}
}

static void
say_failed(const struct sieving *s, const struct sieve_result *r)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, r->what);
	if (r->in.n > 0) {
		buf_add_str(&b, " (in the included ");
		buf_add_span(&b, r->in);
		buf_add_byte(&b, ')');
	}
	say(s, r->line, "the script failed, the message is kept", buf_span(&b));
	buf_free(&b);
}

static void
run(struct sieving *s, const struct sieve_script *script, struct why *why)
{
	const struct deliver_conf *c = s->mail->place->conf;
	const struct sieve_message m = { .text = s->message,
		.from = s->mail->request->sender,
		.to = s->mail->to->orig.n > 0 ? s->mail->to->orig
					      : s->mail->to->address,
		.now = clock_wall(),
		.delimiters = c->recipient_delimiter,
		.host = c->myhostname,
		.domain = c->mydomain };
	const struct sieve_ops ops = {
		.ctx = s,
		.late = is_late,
		.mailbox_exists = has_mailbox,
		.special_use = has_use,
		.seen = was_seen,
		.include = include,
	};
	struct sieve_result result;

	s->until = clock_ms() + c->rules_time_limit * 1000;
	if (!sieve_run(script, s->mail->arena, &m, &ops, &result)) {
		if (result.trouble) {
			why_set(why, "4.3.0", "%s: %s", s->path, result.what);
			return;
		}
		say_failed(s, &result);
	}
	act(s, &result, why);
	if (why->outcome != DEFER)
		mark_all(s, &result);
}

static void
read_and_run(struct mail *m, const char *path,
    const struct sieve_script *script, struct why *why)
{
	struct sieving s = { .mail = m, .path = path };
	struct buf message = BUF_EMPTY;

	if (!mail_read(m, false, m->trace, &message)) {
		why_set(why, "4.3.0", "cannot read the queue file: %s",
		    strerror(errno));
	} else {
		s.message = buf_span(&message);
		run(&s, script, why);
	}
	buf_free(&message);
}

bool
sieve_deliver(struct mail *m, const char *command, struct why *why)
{
	const struct sieve_script *script;
	bool procmail = *command != '\0';
	const char *path = NULL;
	enum sieve_found got;

	if (!m->place->conf->sieve || m->place->alone ||
	    (procmail && !filter_is_ours(span_str(command))))
		return false;
	got = sieve_script_find(m, &script, &path, why);
	if (got == SIEVE_NO_SCRIPT || has_procmailrc(m, procmail))
		return false;
	if (got == SIEVE_SCRIPT)
		read_and_run(m, path, script, why);
	else if (got == SIEVE_WRONG)
		(void)box_deliver(m, why);
	return true;
}
