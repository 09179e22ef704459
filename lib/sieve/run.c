/*
 * run.c - one message through a Sieve script: the commands
 *
 * RFC 5228, 2.10: what cancels the implicit keep, what may stand beside what,
 * what is done once only.
 */

#include "sieve/run.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/table.h"
#include "message/address.h"
#include "sieve/running.h"
#include "sieve/words.h"

enum {
	ARENA_MORE = 64 << 20,
	DAY = 86400,
	DAYS_MAX = 365 * 10,
	ERROR_SHOWN = 500
};

bool
sieve_fail(struct sieve_run *r, int line, const char *what)
{
	if (r->out->what == NULL) {
		r->out->what = what;
		r->out->line = line;
		r->out->in = r->scope->name;
	}
	return false;
}

bool
sieve_failed(const struct sieve_run *r)
{
	return r->out->what != NULL;
}

/* ---- actions */

static bool
same(const struct sieve_action *a, const struct sieve_action *b)
{
	return a->kind == b->kind &&
	    (a->kind == SIEVE_REDIRECT
		    ? span_ieq(a->text, b->text)
		    : span_eq(a->text, b->text) && span_eq(a->use, b->use));
}

static bool
excludes(const struct sieve_action *a, const struct sieve_action *b)
{
	return a->kind == SIEVE_REJECT || b->kind == SIEVE_REJECT ||
	    (a->kind == SIEVE_VACATION && b->kind == SIEVE_VACATION);
}

static bool
act(struct sieve_run *r, struct sieve_action *a)
{
	if (a->kind != SIEVE_REJECT) /* it tells of the original */
		sieve_head_of(r, a);
	for (size_t i = 0; i < r->out->count; i++) {
		if (excludes(&r->out->actions[i], a))
			return sieve_fail(r, a->line,
			    "an action that cannot stand beside one before "
			    "it (reject, or vacation twice)");
		if (same(&r->out->actions[i], a)) {
			r->out->actions[i].create |= a->create;
			return true;
		}
	}
	if (r->out->count == r->script->limits.actions)
		return sieve_fail(r, a->line, "too many actions");
	if (a->kind == SIEVE_REDIRECT &&
	    ++r->redirects > r->script->limits.redirects)
		return sieve_fail(r, a->line, "too many redirects");
	r->out->actions[r->out->count++] = *a;
	return true;
}

static struct span
tag_text(struct sieve_run *r, const struct sieve_node *n, const char *tag)
{
	const struct sieve_arg *a = sieve_tag(n, tag);

	return a == NULL ? SPAN("") : sieve_expand(r, a->strings[0]);
}

static bool
file(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_action a = { .kind = SIEVE_KEEP, .line = n->line };

	if (n->word->id == CMD_FILEINTO) {
		a.text = sieve_expand(r, n->at[0]->strings[0]);
		a.create = sieve_tag(n, "create") != NULL;
		a.use = tag_text(r, n, "specialuse");
		if (!span_iis(a.text, "INBOX") || a.use.n > 0)
			a.kind = SIEVE_FILEINTO;
	}
	if (a.kind == SIEVE_KEEP)
		a.text = SPAN("INBOX");
	sieve_flags_of(r, n, &a);
	if (sieve_tag(n, "copy") == NULL)
		r->implicit_keep = false;
	return act(r, &a);
}

static struct span
written(struct sieve_run *r, const struct address_entry *e)
{
	struct buf out = BUF_EMPTY;
	struct span got;

	address_quote(&out, e->local);
	buf_add_byte(&out, '@');
	buf_add_span(&out, e->domain);
	got = arena_span(r->arena, buf_span(&out));
	buf_free(&out);
	return got;
}

static bool
redirect(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_action a = { .kind = SIEVE_REDIRECT, .line = n->line };
	struct span text = sieve_expand(r, n->at[0]->strings[0]);
	struct address_path path;
	struct address_list l;

	address_list_parse(r->arena, text, &l);
	if (l.count != 1 || l.malformed || l.list[0].local.n == 0 ||
	    l.list[0].domain.n == 0)
		return sieve_fail(r, n->line, "redirect to what is no address");
	a.text = written(r, &l.list[0]);
	if (address_parse_path(a.text, ADDRESS_UTF8 | ADDRESS_LOOSE, &path) !=
	    ADDRESS_OK)
		return sieve_fail(
		    r, n->line, "redirect to what no mail can be sent to");
	if (sieve_tag(n, "copy") == NULL)
		r->implicit_keep = false;
	return act(r, &a);
}

static bool
reject(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_action a = { .kind = SIEVE_REJECT,
		.line = n->line,
		.text = sieve_expand(r, n->at[0]->strings[0]) };

	r->implicit_keep = false;
	return act(r, &a);
}

/* ---- vacation */

static const struct sieve_action *
fcc_of(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_action *a;

	if (sieve_tag(n, "fcc") == NULL)
		return NULL;
	a = arena_alloc(r->arena, sizeof(*a));
	a->kind = SIEVE_FILEINTO;
	a->line = n->line;
	a->text = tag_text(r, n, "fcc");
	a->create = sieve_tag(n, "create") != NULL;
	a->use = tag_text(r, n, "specialuse");
	if (sieve_tag(n, "flags") != NULL)
		sieve_flags_of(r, n, a);
	return a;
}

static int64_t
period_of(const struct sieve_node *n)
{
	const struct sieve_arg *a = sieve_tag(n, "seconds");
	uint64_t days;

	if (a != NULL)
		return a->number > (uint64_t)DAYS_MAX * DAY
		    ? (int64_t)DAYS_MAX * DAY
		    : (int64_t)a->number;
	if ((a = sieve_tag(n, "days")) == NULL)
		return -1;
	days = a->number < 1 ? 1 : a->number;
	return (int64_t)(days > DAYS_MAX ? DAYS_MAX : days) * DAY;
}

/* Without :handle answers are different when their arguments are. */
static struct span
handle_of(struct sieve_run *r, const struct sieve_vacation *v)
{
	return span_str(arena_printf(r->arena, "%.*s\n%.*s\n%d\n%.*s",
	    (int)v->subject.n, v->subject.p, (int)v->from.n, v->from.p, v->mime,
	    (int)v->text.n, v->text.p));
}

static bool
vacation(struct sieve_run *r, const struct sieve_node *n)
{
	const struct sieve_arg *a = sieve_tag(n, "addresses");
	struct sieve_action action = { .kind = SIEVE_VACATION,
		.line = n->line };
	struct sieve_vacation *v = &action.vacation;

	v->text = sieve_expand(r, n->at[0]->strings[0]);
	v->subject = tag_text(r, n, "subject");
	v->from = tag_text(r, n, "from");
	v->mime = sieve_tag(n, "mime") != NULL;
	v->period = period_of(n);
	v->handle = tag_text(r, n, "handle");
	if (v->handle.n == 0)
		v->handle = handle_of(r, v);
	v->fcc = fcc_of(r, n);
	if (a != NULL) {
		v->addresses = sieve_expand_all(r, a);
		v->address_count = a->count;
	}
	return act(r, &action);
}

/* ---- the walk */

static bool run_block(struct sieve_run *r, const struct sieve_node *n);

/* As deep as the limit lets scripts include each other. */
static bool
include(struct sieve_run *r, const struct sieve_node *n)
{
	const struct sieve_script *s;
	struct sieve_scope scope;
	bool good;

	if (!sieve_include(r, n, &s) || s == NULL)
		return !sieve_failed(r);
	sieve_scope_enter(r, &scope, s, n->at[0]->strings[0]);
	good = run_block(r, s->commands);
	sieve_scope_leave(r);
	r->returned = false;
	return good;
}

/* RFC 5463, 5 */
static bool
error(struct sieve_run *r, const struct sieve_node *n)
{
	struct span text =
	    span_head(sieve_expand(r, n->at[0]->strings[0]), ERROR_SHOWN);

	return sieve_fail(r, n->line,
	    arena_printf(r->arena, "error: %.*s", (int)text.n, text.p));
}

static bool
command(struct sieve_run *r, const struct sieve_node *n)
{
	switch ((int)n->word->id) {
	case CMD_STOP:
		r->stopped = true;
		return true;
	case CMD_KEEP:
	case CMD_FILEINTO:
		return file(r, n);
	case CMD_DISCARD:
		r->implicit_keep = false;
		return true;
	case CMD_REDIRECT:
		return redirect(r, n);
	case CMD_REJECT:
		return reject(r, n);
	case CMD_VACATION:
		return vacation(r, n);
	case CMD_SET:
		return sieve_cmd_set(r, n);
	case CMD_ADDHEADER:
		return sieve_cmd_addheader(r, n);
	case CMD_DELETEHEADER:
		return sieve_cmd_deleteheader(r, n);
	case CMD_INCLUDE:
		return include(r, n);
	case CMD_RETURN:
		r->returned = true;
		return true;
	case CMD_GLOBAL:
		return sieve_cmd_global(r, n);
	case CMD_ERROR:
		return error(r, n);
	case CMD_SETFLAG:
	case CMD_ADDFLAG:
	case CMD_REMOVEFLAG:
		return sieve_cmd_flags(r, n);
	default:
		return true;
	}
}

/* An if with what belongs to it; *n is left at the last of them. */
static bool
run_if(struct sieve_run *r, const struct sieve_node **n)
{
	bool done = false;

	for (;;) {
		const struct sieve_node *next = (*n)->next;

		if (!done && (*n)->fault != NULL)
			return sieve_fail(r, (*n)->line, (*n)->fault);
		if (!done &&
		    ((*n)->word->id == CMD_ELSE ||
			sieve_test(r, (*n)->tests))) {
			done = true;
			if (!sieve_failed(r) && !run_block(r, (*n)->block))
				return false;
		}
		if (sieve_failed(r))
			return false;
		if (next == NULL || next->word == NULL ||
		    (next->word->id != CMD_ELSIF && next->word->id != CMD_ELSE))
			return true;
		*n = next;
	}
}

static bool
run_block(struct sieve_run *r, const struct sieve_node *n)
{
	for (; n != NULL && !r->stopped && !r->returned; n = n->next) {
		bool good;

		if (n->fault != NULL)
			return sieve_fail(r, n->line, n->fault);
		if (n->word->id == CMD_IF) {
			good = run_if(r, &n);
		} else {
			if (r->ops->event != NULL)
				r->ops->event(
				    r->ops->ctx, r->scope->name, n, true);
			good = command(r, n);
		}
		if (!good || sieve_failed(r))
			return false;
	}
	return true;
}

static void
keep(struct sieve_run *r, int line)
{
	struct sieve_action *a = &r->out->actions[r->out->count];

	for (size_t i = 0; i < r->out->count; i++)
		if (r->out->actions[i].kind == SIEVE_KEEP)
			return;
	r->out->count++;
	*a = (struct sieve_action){
		.kind = SIEVE_KEEP, .line = line, .text = SPAN("INBOX")
	};
	sieve_flags_of(r, NULL, a);
	sieve_head_of(r, a);
}

static void
run_whole(struct sieve_run *r, const struct sieve_script *s)
{
	struct sieve_scope first;

	r->globals = table_new();
	sieve_scope_enter(r, &first, s, SPAN(""));
	(void)run_block(r, s->commands);
	if (sieve_failed(r)) {
		r->out->count = 0;
		r->flags = SPAN("");
		r->edited = false;
		r->mark_count = 0;
		r->implicit_keep = true;
	}
	if (r->implicit_keep)
		keep(r, r->out->line);
	sieve_marks_of(r);
	sieve_scope_leave(r);
	table_free(&r->globals, NULL);
}

bool
sieve_run(const struct sieve_script *s, struct arena *a,
    const struct sieve_message *m, const struct sieve_ops *ops,
    struct sieve_result *out)
{
	struct sieve_run r = { .script = s,
		.arena = a,
		.message = m,
		.ops = ops,
		.out = out,
		.arena_max = arena_used(a) + m->text.n + ARENA_MORE,
		.implicit_keep = true };

	*out = (struct sieve_result){ .count = 0 };
	out->actions =
	    arena_array(a, s->limits.actions + 1, sizeof(*out->actions));
	header_list_parse(a, m->text, &r.header);
	run_whole(&r, s);
	return !sieve_failed(&r);
}
