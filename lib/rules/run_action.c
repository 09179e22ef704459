/*
 * run_action.c - what a recipe does with the message
 *
 * Each action ends in success or failure, kept for the flags a and e; it has
 * delivered when it succeeded and was neither a copy nor a filter or capture.
 */

#include <stdlib.h>

#include "rules/deposit.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/run.h"
#include "rules/vars.h"

enum { LOCK_FILE_MS = 120000, FILTER_OUTPUT_MAX = 256 << 20 };

/* ---- locks */

static void
local_lock(struct agent *a, struct span name)
{
	if (name.n > 0)
		(void)run_lock(a, &a->local, name);
}

void
run_block_lock(struct agent *a, const struct rc_head *h)
{
	if (h->flags & RC_LOCK)
		local_lock(a, h->lock);
}

/* Nothing with an empty LOCKEXT: the folder itself is no lock file. */
static struct span
with_extension(struct agent *a, struct span name, struct buf *out)
{
	const char *extension = vars_text(a->vars, "LOCKEXT");

	if (*extension == '\0')
		return span_of(NULL, 0);
	buf_add_span(out, name);
	buf_add_str(out, extension);
	return buf_span(out);
}

/* The word behind the first ">>" of a command. */
static struct span
appended_file(struct span line)
{
	struct span rest = span_skip(line, span_search(line, SPAN(">>")) + 2);

	while (ascii_blank(span_at(rest, 0)))
		rest = span_skip(rest, 1);
	return span_head(rest, span_find_any(rest, " \t\n#`'\");"));
}

static void
program_lock(
    struct agent *a, const struct rc_head *h, const struct run_command *c)
{
	struct buf name = BUF_EMPTY;
	struct words word = { .count = 0 };
	struct span file = span_of(NULL, 0);

	if (!(h->flags & RC_LOCK))
		return;
	if (h->lock.n > 0) {
		local_lock(a, h->lock);
		return;
	}
	if (c->shell)
		file = appended_file(run_command_name(c));
	if (file.n > 0 && run_expand(a, file, EXPAND_VALUE, &word))
		local_lock(a, with_extension(a, word_at(&word, 0), &name));
	else
		run_say_name(a, "Couldn't determine implicit lockfile from",
		    run_command_name(c));
	words_free(&word);
	buf_free(&name);
}

static void
folder_lock(struct agent *a, const struct rc_head *h, const struct words *names)
{
	struct buf name = BUF_EMPTY;

	if (!(h->flags & RC_LOCK))
		return;
	if (h->lock.n > 0)
		local_lock(a, h->lock);
	else if (word_at(names, 0).n > 0 &&
	    !span_is(word_at(names, 0), "/dev/null") &&
	    !a->ops.is_spool(a->s.ctx, word_at(names, 0)))
		local_lock(a, with_extension(a, word_at(names, 0), &name));
	buf_free(&name);
}

/* ---- folders */

static void
named(void *ctx, struct span place)
{
	run_set_folder(ctx, place);
}

/* LASTFOLDER has all of them. */
static void
linked(void *ctx, struct span place)
{
	struct agent *a = ctx;

	buf_add_byte(&a->folder, ' ');
	buf_add_span(&a->folder, place);
	run_set_quietly(a, "LASTFOLDER", buf_span(&a->folder));
}

static void
say(void *ctx, bool verbose, const char *what, struct span name)
{
	if (verbose)
		run_verbose_name(ctx, what, name);
	else
		run_say_name(ctx, what, name);
}

static bool
put_in(struct agent *a, const struct words *names, unsigned flags)
{
	struct deposit d = { .letter = a->letter,
		.head = (flags & RC_SEND_HEAD) != 0,
		.body = (flags & RC_SEND_BODY) != 0,
		.raw = (flags & RC_RAW) != 0,
		.names = names,
		.prefix = vars_text(a->vars, "MSGPREFIX"),
		.detect = a->numbers[NUMBER_MAILDIRDETECT] != 0,
		.umask = a->umask,
		.lock_ms = LOCK_FILE_MS,
		.ctx = a,
		.named = named,
		.linked = linked,
		.say = say };
	bool done;

	d.bytes = a->bytes; /* as it was, where nothing can be written */
	done = a->ops.deposit(a->s.ctx, &d);
	a->bytes = d.bytes;
	return done;
}

/* What looks like a variable's name goes in front of the first word, or is one.
 */
static bool
folder_names(struct agent *a, const struct rc_recipe *r, struct words *out)
{
	struct words rest = { .count = 0 };
	struct buf first = BUF_EMPTY;
	struct span others;

	if (r->name.n == 0)
		return run_expand(a, r->rest, EXPAND_WORDS, out);
	if (!run_expand(a, r->rest, EXPAND_WORDS, &rest)) {
		words_free(&rest);
		return false;
	}
	buf_add_span(&first, r->name);
	if (r->assigns)
		buf_add_byte(&first, '=');
	others = buf_span(&rest.bytes);
	if (r->cut)
		words_add(out, buf_span(&first));
	else
		buf_add_span(&out->bytes, buf_span(&first));
	buf_add_span(&out->bytes, others);
	out->count += rest.count;
	words_free(&rest);
	buf_free(&first);
	return true;
}

static bool
to_folder(struct agent *a, const struct rc_recipe *r, const struct rc_head *h)
{
	struct words names = { .count = 0 };
	bool done = false;

	if (folder_names(a, r, &names)) {
		folder_lock(a, h, &names);
		done = put_in(a, &names, h->flags);
		run_unlock(a, &a->local);
	}
	words_free(&names);
	return done;
}

static bool
is_directory_kind(struct span folder)
{
	return span_ends(folder, "/") || span_ends(folder, "/.") ||
	    span_is(folder, "/dev/null");
}

bool
run_deposit_in(struct agent *a, struct span folder, bool lock)
{
	struct rc_head h = { .flags = RC_LOCK };
	struct words names = { .count = 0 };
	char *path;
	bool done;

	words_add(&names, folder);
	path = buf_take(&names.bytes);
	if (!lock || is_directory_kind(folder) || deposit_is_dir(path))
		h.flags = 0;
	free(path);
	words_clear(&names);
	words_add(&names, folder);
	folder_lock(a, &h, &names);
	done = put_in(a, &names, 0);
	words_free(&names);
	return done;
}

/* ---- programs */

static void
say_word(void *ctx, const char *what)
{
	agent_say(ctx, "%s", what);
}

static void
render(struct agent *a, unsigned flags, bool no_from, struct pieces *out)
{
	const struct letter_how how = {
		.head = (flags & RC_SEND_HEAD) != 0,
		.body = (flags & RC_SEND_BODY) != 0,
		.no_from = no_from,
		.end_line = !(flags & RC_RAW),
	};

	letter_render(a->letter, &how, out);
}

/* Did it do what the flags ask for? Says what went wrong. */
static bool
succeeded(struct agent *a, const struct run_command *c, const struct program *p,
    unsigned flags)
{
	/* A filter that did not even look and has nothing to say, and whose
	 * exit code is not asked, leaves the message alone. */
	bool idle = (flags & RC_FILTER) && p->left_unread &&
	    p->output->n == 0 && !(flags & (RC_WAIT | RC_WAIT_QUIET));
	bool unread = idle || p->write_failed;

	if (unread && !(flags & RC_IGNORE)) {
		run_say_name(a, "Error while writing to", run_command_name(c));
		return false;
	}
	if (p->not_started || p->timed_out || p->output_cut)
		return false;
	if (p->status == 0 || !(flags & (RC_WAIT | RC_WAIT_QUIET)))
		return true;
	return false;
}

static void
say_failure(struct agent *a, const struct run_command *c,
    const struct program *p, unsigned flags)
{
	struct span name = run_command_name(c);

	if (p->status == 0)
		return;
	if ((flags & RC_WAIT) && !(flags & RC_WAIT_QUIET))
		agent_say(a, "Program failure (%d) of \"%.*s\"", p->status,
		    (int)name.n, name.p);
	else if ((flags & RC_WAIT_QUIET) && run_is_verbose(a))
		agent_say(a, "Non-zero exitcode (%d) from \"%.*s\"", p->status,
		    (int)name.n, name.p);
}

/* The message, or what the flags choose of it, into the command. */
static bool
feed(struct agent *a, const struct run_command *c, unsigned flags, bool no_from,
    struct buf *output)
{
	struct pieces input = { .count = 0 };
	struct program p = { .input = &input,
		.output = output,
		.output_max =
		    a->s.output_max == 0 ? FILTER_OUTPUT_MAX : a->s.output_max,
		.output_fd = -1,
		.asks = output != NULL,
		.wait = output != NULL || a->local.name != NULL ||
		    (flags & (RC_WAIT | RC_WAIT_QUIET | RC_LOCK)) };
	int before = a->status;
	bool done;

	if ((flags & RC_LOCK) && !(flags & RC_WAIT))
		flags |= RC_WAIT_QUIET;
	render(a, flags, no_from, &input);
	run_command(a, c, &p);
	if (!(flags & RC_FILTER) && output == NULL)
		a->bytes = input.bytes - (p.write_failed && input.ended);
	pieces_free(&input);
	if (!(flags & (RC_WAIT | RC_WAIT_QUIET)))
		a->status = before;
	say_failure(a, c, &p, flags);
	done = succeeded(a, c, &p, flags);
	return done;
}

static void
set_program_folder(struct agent *a, const struct run_command *c)
{
	struct buf folder = BUF_EMPTY;

	run_command_folder(c, &folder);
	run_set_folder(a, buf_span(&folder));
	buf_free(&folder);
}

static bool
filter(
    struct agent *a, const struct run_command *c, unsigned flags, bool no_from)
{
	struct buf output = BUF_EMPTY;
	bool done = feed(a, c, flags, no_from, &output);

	if (done)
		letter_replace(a->letter, (flags & RC_SEND_HEAD) != 0,
		    (flags & RC_SEND_BODY) != 0, buf_span(&output));
	else
		agent_say(a, "Rescue of unfiltered data succeeded");
	buf_free(&output);
	return done;
}

static bool
capture(struct agent *a, const struct run_command *c, const struct rc_recipe *r,
    unsigned flags)
{
	struct buf output = BUF_EMPTY, told = BUF_EMPTY;
	bool done;

	buf_printf(&told, "%.*s=", (int)r->name.n, r->name.p);
	run_verbose_name(a, "Assigning", buf_span(&told));
	buf_free(&told);
	done = feed(a, c, flags, false, &output);
	if (output.n > 0 && output.p[output.n - 1] == '\n')
		output.n--;
	if (done)
		run_set_untold(a, r->name, buf_span(&output));
	buf_free(&output);
	return done;
}

/* '|' alone: our standard output. */
static bool
to_output(struct agent *a, const struct rc_head *h)
{
	struct pieces p = { .count = 0 };
	bool done = true;

	if ((h->flags & RC_LOCK) && h->lock.n > 0)
		local_lock(a, h->lock);
	render(a, h->flags, false, &p);
	run_set_folder(a, SPAN("|"));
	for (size_t i = 0; i < p.count && done; i++)
		done = a->ops.output(a->s.ctx, p.at[i]) == 0;
	a->bytes = p.bytes;
	pieces_free(&p);
	run_unlock(a, &a->local);
	return done;
}

static bool
to_program(struct agent *a, const struct rc_recipe *r, const struct rc_head *h,
    const struct run_command *c)
{
	bool no_from = r->action == RC_FORWARD, done;

	program_lock(a, h, c);
	rc_head_no_copy(h, r->action, say_word, a);
	if (r->action == RC_CAPTURE) {
		done = capture(a, c, r, h->flags);
	} else if (h->flags & RC_FILTER) {
		done = filter(a, c, h->flags, no_from);
	} else {
		done = feed(a, c, h->flags, no_from, NULL);
		set_program_folder(a, c);
	}
	run_unlock(a, &a->local);
	return done;
}

/* Words of text cut at blanks. */
static void
add_cut(struct words *out, struct span text)
{
	struct span word;

	while (span_word(&text, " \t\n", &word))
		words_add(out, word);
}

/* SENDMAIL is one word; SENDMAILFLAGS are some; then the addresses. */
static bool
forward_command(struct agent *a, struct span text, struct run_command *c)
{
	struct words to = { .count = 0 };
	bool done = run_expand(a, text, EXPAND_WORDS, &to);

	*c = (struct run_command){ .shell = false };
	words_add(&c->words, span_str(vars_text(a->vars, "SENDMAIL")));
	add_cut(&c->words, span_str(vars_text(a->vars, "SENDMAILFLAGS")));
	c->words.has_args = to.has_args;
	c->words.args_at = c->words.bytes.n + to.args_at;
	buf_add_span(&c->words.bytes, buf_span(&to.bytes));
	c->words.count += to.count;
	words_free(&to);
	return done;
}

static bool
program_action(
    struct agent *a, const struct rc_recipe *r, const struct rc_head *h)
{
	struct run_command c = { .shell = false };
	bool done = false;

	if (r->action == RC_FORWARD) {
		if (forward_command(a, r->text, &c))
			done = to_program(a, r, h, &c);
	} else {
		run_command_make(a, r->text, &c);
		done = run_command_is_empty(&c) ? to_output(a, h)
						: to_program(a, r, h, &c);
	}
	run_command_free(&c);
	return done;
}

void
run_action_passing(struct agent *a, const struct rc_recipe *r)
{
	if (r->action == RC_PIPE || r->action == RC_CAPTURE)
		(void)run_line_fits(a, r->text.n);
	else if (r->odd)
		run_say_odd(
		    a, r->action == RC_FILE ? r->rest : r->text, EXPAND_WORDS);
}

bool
run_action(struct agent *a, const struct rc_recipe *r, const struct rc_head *h)
{
	bool goes_on =
	    r->action == RC_CAPTURE || (h->flags & (RC_COPY | RC_FILTER)) != 0;
	bool copy = r->action != RC_CAPTURE && !(h->flags & RC_FILTER);

	/* a command that does not fit is not even begun */
	if ((r->action == RC_PIPE || r->action == RC_CAPTURE) &&
	    !run_line_fits(a, r->text.n))
		return false;
	a->succeeded =
	    r->action == RC_FILE ? to_folder(a, r, h) : program_action(a, r, h);
	if (!a->succeeded)
		return false;
	if (goes_on && copy && a->numbers[NUMBER_LOGABSTRACT] > 1)
		run_abstract(a, NULL);
	return !goes_on;
}
