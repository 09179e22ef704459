/*
 * pipe.c - a message to a command of master.cf (Postfix's pipe)
 *
 * No shell reads anything here: each word of argv is one word of the command,
 * whatever an address holds. The names that stand for parts of the message are
 * those of pipe(8).
 */

#include "deliver/pipe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "calls/delivery_call.h"
#include "deliver/command.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "deliver/pipe_conf.h"
#include "message/address.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/vars.h"

/* ---- words */

static void
add_lower(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(out, (char)ascii_lower((unsigned char)s.p[i]));
}

static void
add_folded(struct buf *out, struct span s, bool fold)
{
	if (fold)
		add_lower(out, s);
	else
		buf_add_span(out, s);
}

/* An address: each side folded as the flags say, quoted where mail wants it
 * when q stands there. */
static void
add_address(
    const struct pipe_conf *p, struct span address, bool fold, struct buf *out)
{
	size_t at = span_rfind(address, '@');
	struct span local = span_head(address, at);
	struct buf plain = BUF_EMPTY, folded = BUF_EMPTY;

	address_unquote(&plain, local);
	add_folded(&folded, buf_span(&plain),
	    fold && (p->flags & PIPE_FOLD_USER) != 0);
	if ((p->flags & PIPE_QUOTE) != 0)
		address_quote(out, buf_span(&folded));
	else
		buf_add_span(out, buf_span(&folded));
	add_folded(out, span_skip(address, at),
	    fold && (p->flags & PIPE_FOLD_DOMAIN) != 0);
	buf_free(&plain);
	buf_free(&folded);
}

static void
add_sender(const struct mail *m, const struct pipe_conf *p, struct buf *out)
{
	if (m->request->sender.n == 0)
		buf_add_str(out, p->null_sender);
	else
		add_address(p, m->request->sender, false, out);
}

/* Parts of the recipient, and what the message came with. */
static bool
add_part(const struct mail *m, const struct pipe_conf *p, struct span name,
    struct buf *out)
{
	bool user = (p->flags & PIPE_FOLD_USER) != 0;
	bool domain = (p->flags & PIPE_FOLD_DOMAIN) != 0;
	size_t bare =
	    m->extension.n > 0 ? m->local.n - m->extension.n - 1 : m->local.n;
	const struct {
		const char *name;
		struct span value;
		bool fold;
	} parts[] = {
		{ "mailbox", m->local, user },
		{ "user", span_head(m->local, bare), user },
		{ "extension", m->extension, user },
		{ "domain", m->domain, domain },
		{ "nexthop", m->request->nexthop, domain },
		{ "queue_id", m->request->qid, false },
		{ "envid", m->request->envid, false },
		{ "client_address", m->request->client_addr, false },
		{ "client_helo", m->request->helo, false },
		{ "client_protocol", m->request->proto, false },
		{ "client_hostname", SPAN(""), false },
		{ "client_port", SPAN(""), false },
		{ "sasl_method", SPAN(""), false },
		{ "sasl_sender", SPAN(""), false },
		{ "sasl_username", SPAN(""), false },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (span_is(name, parts[i].name)) {
			add_folded(out, parts[i].value, parts[i].fold);
			return true;
		}
	return false;
}

static bool
add_name(const struct mail *m, const struct pipe_conf *p, struct span name,
    struct buf *out)
{
	struct span orig = m->to->orig.n > 0 ? m->to->orig : m->to->address;

	if (span_is(name, "sender"))
		add_sender(m, p, out);
	else if (span_is(name, "recipient"))
		add_address(p, m->to->address, true, out);
	else if (span_is(name, "original_recipient"))
		add_address(p, orig, true, out);
	else if (span_is(name, "size"))
		buf_printf(out, "%llu", (unsigned long long)mail_size(m));
	else
		return add_part(m, p, name, out);
	return true;
}

/* Take "name", "{name}" or "(name)" off the front. */
static struct span
name_take(struct span *rest)
{
	int open = span_at(*rest, 0);
	struct span name;
	size_t n = 0;

	if (open == '{' || open == '(') {
		n = span_find(*rest, open == '{' ? '}' : ')');
		name = span_skip(span_head(*rest, n), 1);
		*rest = span_skip(*rest, n + 1);
		return name;
	}
	while (ascii_alnum(span_at(*rest, n)) || span_at(*rest, n) == '_')
		n++;
	name = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return name;
}

bool
pipe_word(struct mail *m, const struct pipe_conf *p, struct span word,
    struct buf *out)
{
	struct span name;

	for (;;) {
		size_t plain = span_find(word, '$');

		buf_add_span(out, span_head(word, plain));
		if (plain == word.n)
			return true;
		word = span_skip(word, plain + 1);
		if (span_at(word, 0) == '$') {
			buf_add_byte(out, '$');
			word = span_skip(word, 1);
			continue;
		}
		name = name_take(&word);
		if (!add_name(m, p, name, out))
			break;
	}
	buf_clear(out);
	buf_add_span(out, name);
	return false;
}

static char **
words_make(struct mail *m, const struct pipe_conf *p, struct why *why)
{
	char **argv = arena_array(m->arena, p->argc + 1, sizeof(*argv));
	struct buf word = BUF_EMPTY;

	for (size_t i = 0; argv != NULL && i < p->argc; i++) {
		struct span text = span_str(p->argv[i]);

		buf_clear(&word);
		if (i == 0)
			text = span_skip(text, sizeof("argv=") - 1);
		if (!pipe_word(m, p, text, &word)) {
			why_set(why, "4.3.5",
			    "unknown name \"%.*s\" in argv of %s", (int)word.n,
			    word.p, p->name);
			argv = NULL;
		} else {
			argv[i] = arena_span_str(m->arena, buf_span(&word));
		}
	}
	buf_free(&word);
	return argv;
}

/* ---- the message */

void
pipe_text(const struct pipe_conf *p, struct span text, struct buf *out)
{
	struct span line;

	while (span_line(&text, &line)) {
		if ((p->flags & PIPE_DOTS) != 0 && span_starts(line, "."))
			buf_add_byte(out, '.');
		if ((p->flags & PIPE_QUOTE_FROM) != 0 &&
		    span_starts(line, "From "))
			buf_add_byte(out, '>');
		buf_add_span(out, line);
		buf_add_span(out, p->eol);
	}
	if ((p->flags & PIPE_BLANK_LINE) != 0)
		buf_add_span(out, p->eol);
}

/* True when the bytes may go as they stand. */
static bool
is_plain(const struct pipe_conf *p)
{
	return span_is(p->eol, "\n") &&
	    (p->flags & (PIPE_DOTS | PIPE_QUOTE_FROM | PIPE_BLANK_LINE)) == 0;
}

static unsigned
trace_fields(unsigned flags)
{
	return ((flags & PIPE_RETURN_PATH) != 0 ? TRACE_RETURN_PATH : 0) |
	    ((flags & PIPE_ORIGINAL_TO) != 0 ? TRACE_ORIGINAL_TO : 0) |
	    ((flags & PIPE_DELIVERED_TO) != 0 ? TRACE_DELIVERED_TO : 0);
}

static bool
message_make(struct mail *m, const struct pipe_conf *p, struct buf *out)
{
	struct buf head = BUF_EMPTY, text = BUF_EMPTY;
	bool from = (p->flags & PIPE_FROM_LINE) != 0, good;

	mail_trace(m, trace_fields(p->flags), &head);
	if (is_plain(p)) {
		good = mail_read(m, from, buf_span(&head), out);
	} else {
		/* what we put before it is not quoted */
		if (from) {
			buf_add_str(out, m->from);
			buf_add_span(out, p->eol);
		}
		good = mail_read(m, false, buf_span(&head), &text);
		pipe_text(p, buf_span(&text), out);
	}
	buf_free(&head);
	buf_free(&text);
	return good;
}

/* ---- the command */

/* "5.7.1 no" as the first words of the output say more than a number does. */
static void
status_from_output(struct span output, struct why *why)
{
	struct span word;
	char status[sizeof(why->status)];
	struct why before;

	if (!span_word(&output, " \t\r\n", &word) || word.n < 5 ||
	    word.n >= sizeof(status) ||
	    (word.p[0] != '4' && word.p[0] != '5') || word.p[1] != '.' ||
	    !ascii_digit(word.p[2]))
		return;
	memcpy(status, word.p, word.n);
	status[word.n] = '\0';
	why_init(&before);
	why_copy(&before, why);
	why_set(why, status, "%s", why_text(&before));
	why_free(&before);
}

static void
ended(const struct pipe_conf *p, const struct program *run, struct span output,
    struct why *why)
{
	struct span name = span_str(run->argv[0]);

	if (run->not_started) {
		why_set(
		    why, "4.3.0", "cannot run a command: %s", strerror(errno));
	} else if (run->timed_out) {
		why_set(why, "4.3.0", "Command time limit exceeded: \"%.*s\"",
		    (int)span_head(name, 200).n, name.p);
	} else if (command_outcome(run->status, name, output, why) == DONE) {
		why_set(why, "2.0.0", "delivered via %s service", p->name);
		command_add_output(why, output, " (", ")");
	} else {
		status_from_output(output, why);
	}
}

static void
run(struct mail *m, const struct pipe_conf *p, char **argv, struct span message,
    struct why *why)
{
	struct pieces input = { .count = 0 };
	struct vars *env = mail_exported(m);
	struct buf output = BUF_EMPTY;
	struct program_limits limits;
	struct program run;

	command_program(m, &limits, &run);
	run.argv = argv;
	run.input = &input;
	run.output = &output;
	limits.file_size = 0; /* that of users' mailboxes */
	pieces_add(&input, message);
	run.env = vars_environment(env, m->arena);
	program_run(&run);
	ended(p, &run, buf_span(&output), why);
	vars_free(&env);
	pieces_free(&input);
	buf_free(&output);
}

static bool
directory_enter(
    const struct mail *m, const struct pipe_conf *p, struct why *why)
{
	const char *path = p->directory[0] != '\0'
	    ? p->directory
	    : m->place->conf->queue_directory;

	if (chdir(path) == 0)
		return true;
	why_set(why, "4.3.5", "cannot enter %s: %s", path, strerror(errno));
	return false;
}

enum outcome
pipe_deliver(struct mail *m, const struct pipe_conf *p, struct why *why)
{
	struct buf message = BUF_EMPTY;
	char **argv;

	if (p->size > 0 && mail_size(m) > p->size) {
		why_set(why, "5.2.3",
		    "message size %llu exceeds size limit %llu",
		    (unsigned long long)mail_size(m),
		    (unsigned long long)p->size);
		return why->outcome;
	}
	if ((p->flags & PIPE_DELIVERED_TO) != 0 && mail_loops(m)) {
		why_set(why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)m->to->address.n, m->to->address.p);
		return why->outcome;
	}
	argv = words_make(m, p, why);
	if (argv == NULL || !directory_enter(m, p, why))
		return why->outcome;
	if (message_make(m, p, &message))
		run(m, p, argv, buf_span(&message), why);
	else
		why_set(why, "4.3.0", "cannot read the queue file: %s",
		    strerror(errno));
	buf_free(&message);
	return why->outcome;
}
