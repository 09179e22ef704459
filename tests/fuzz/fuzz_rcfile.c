/* fuzz_rcfile.c - a file read as procmail's, all of its text expanded */

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/must.h"
#include "rules/check.h"
#include "rules/expand.h"
#include "rules/rc.h"
#include "rules/score.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool
value(void *ctx, struct span name, struct span *out)
{
	(void)ctx;
	must(name.n > 0);
	*out = SPAN("a b $x `y` \"");
	return name.p[0] % 2 == 0;
}

static void
command(void *ctx, struct span text, size_t room, struct buf *out)
{
	(void)ctx;
	must(room <= 4096);
	buf_add_span(out, span_head(text, 100));
}

static void
bad(void *ctx, struct span name)
{
	(void)ctx;
	must(name.n < 1 << 20);
}

static const struct expand_env env = {
	.value = value, .command = command, .bad = bad, .limit = 4096
};

static void
try_text(struct span text, enum expand_mode mode)
{
	struct words words = { .count = 0 };
	bool odd;
	size_t taken = expand_scan(text, mode, &odd);

	must(taken <= text.n);
	(void)expand(text, mode, &env, &words);
	must(words.bytes.n <= env.limit + 1 && words.count > 0);
	must(!words.has_args || words.args_at < words.bytes.n);
	for (size_t i = 0; i < words.count; i++)
		must(word_at(&words, i).n <= env.limit);
	words_free(&words);
}

static void
try_recipe(const struct rc_recipe *r)
{
	struct buf skipped = BUF_EMPTY;
	struct rc_head h;
	struct weight w;

	rc_head_parse(r->head_text, &h, &skipped);
	buf_free(&skipped);
	try_text(r->head_text, EXPAND_WORDS);
	try_text(r->text, EXPAND_WORDS);
	try_text(r->rest, EXPAND_WORDS);
	for (size_t i = 0; i < r->condition_count; i++) {
		struct span text = r->conditions[i].text;

		(void)weight_take(&text, &w);
		try_text(text, EXPAND_QUOTED);
		try_text(text, EXPAND_LINE);
	}
}

static void
try_check(struct span bytes)
{
	struct check *c = check_rc(bytes);
	int line = 0;

	for (size_t i = 0; i < check_count(c); i++) {
		const struct check_finding *f = check_at(c, i);

		must(f->line >= line && f->line <= (int)bytes.n + 1);
		must(*f->what != '\0' && f->remedy != NULL);
		must(span_find(span_str(f->what), '\n') == strlen(f->what));
		line = f->line;
	}
	check_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rc *rc;
	int line = 0;

	if (n > 65536)
		return 0;
	rc = rc_parse(span_of((const char *)p, n));
	for (size_t i = 0; i < rc_count(rc); i++) {
		const struct rc_statement *s = rc_at(rc, i);

		must(s->line >= 1 && s->line <= (int)n + 1);
		line = s->line;
		if (s->kind == RC_RECIPE)
			try_recipe(s->recipe);
		else if (s->kind == RC_ASSIGN)
			try_text(s->text, EXPAND_VALUE);
	}
	must(line >= 0);
	rc_free(&rc);
	try_check(span_of((const char *)p, n));
	return 0;
}
