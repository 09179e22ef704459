/*
 * flags.c - flags for IMAP (RFC 5232)
 *
 * A list of flags is a string with blanks between them, each flag once.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "sieve/running.h"
#include "sieve/words.h"

struct flags {
	struct span list[SIEVE_FLAGS_MAX];
	size_t count;
};

static size_t
flag_find(const struct flags *f, struct span name)
{
	size_t i = 0;

	while (i < f->count && !span_ieq(f->list[i], name))
		i++;
	return i;
}

/* A system flag that may be set, or a keyword: an atom. */
static bool
flag_valid(struct span s)
{
	static const char *const system[] = { "\\Seen", "\\Answered",
		"\\Flagged", "\\Deleted", "\\Draft" };

	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (span_iis(s, system[i]))
			return true;
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) <= ' ' || span_at(s, i) > '~')
			return false;
	return s.n > 0 && s.n <= 255 && span_find_any(s, "(){%*\"\\]") == s.n;
}

static void
flags_add(struct flags *f, struct span words)
{
	struct span one;

	while (span_word(&words, " \t\r\n", &one))
		if (flag_valid(one) && f->count < SIEVE_FLAGS_MAX &&
		    flag_find(f, one) == f->count)
			f->list[f->count++] = one;
}

static void
flags_remove(struct flags *f, struct span words)
{
	struct span one;

	while (span_word(&words, " \t\r\n", &one)) {
		size_t at = flag_find(f, one);

		if (at == f->count)
			continue;
		f->count--;
		for (; at < f->count; at++)
			f->list[at] = f->list[at + 1];
	}
}

bool
sieve_cmd_flags(struct sieve_run *r, const struct sieve_node *n)
{
	const struct span *words = sieve_expand_all(r, n->at[1]);
	struct flags f = { .count = 0 };
	struct buf out = BUF_EMPTY;
	bool good = true;

	if (n->word->id != CMD_SETFLAG)
		flags_add(&f,
		    n->at[0] == NULL ? r->flags
				     : sieve_variable(r, n->at[0]->strings[0]));
	for (size_t i = 0; i < n->at[1]->count; i++) {
		if (n->word->id == CMD_REMOVEFLAG)
			flags_remove(&f, words[i]);
		else
			flags_add(&f, words[i]);
	}
	for (size_t i = 0; i < f.count; i++) {
		buf_add_str(&out, i == 0 ? "" : " ");
		buf_add_span(&out, f.list[i]);
	}
	if (n->at[0] == NULL)
		r->flags = arena_span(r->arena, buf_span(&out));
	else
		good = sieve_variable_set(r, n, buf_span(&out));
	buf_free(&out);
	return good;
}

bool
sieve_test_hasflag(struct sieve_run *r, const struct sieve_node *n)
{
	struct flags f = { .count = 0 };
	struct sieve_look l;

	if (n->at[0] == NULL)
		flags_add(&f, r->flags);
	for (size_t i = 0; n->at[0] != NULL && i < n->at[0]->count; i++)
		flags_add(&f, sieve_variable(r, n->at[0]->strings[i]));
	sieve_look_begin(&l, r, n, n->at[1]);
	for (size_t i = 0; i < f.count; i++)
		sieve_look(&l, f.list[i]);
	return sieve_look_end(&l);
}

void
sieve_flags_of(
    struct sieve_run *r, const struct sieve_node *n, struct sieve_action *out)
{
	const struct sieve_arg *a = n == NULL ? NULL : sieve_tag(n, "flags");
	const struct span *words = a == NULL ? NULL : sieve_expand_all(r, a);
	struct flags f = { .count = 0 };
	struct span *list;

	if (a == NULL)
		flags_add(&f, r->flags);
	for (size_t i = 0; a != NULL && i < a->count; i++)
		flags_add(&f, words[i]);
	list = arena_array(r->arena, f.count + 1, sizeof(*list));
	for (size_t i = 0; i < f.count; i++)
		list[i] = arena_span(r->arena, f.list[i]);
	out->flags = list;
	out->flag_count = f.count;
}
