/* fuzz_regex.c - a pattern, a NUL, a text; both may be anything */

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/must.h"
#include "rules/grams.h"
#include "rules/regex.h"
#include "rules/regex_nodes.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
search_all(struct regex *re, struct span text)
{
	struct regex_hit hit, first;
	size_t from = 0;

	while (regex_find(re, text, from, true, &hit)) {
		must(regex_find(re, text, from, false, &first));
		must(hit.end <= text.n && first.end <= hit.end);
		must(!hit.split ||
		    (hit.match.n <= text.n &&
			(hit.match.n == 0 || hit.match.p >= text.p)));
		if (hit.empty)
			return;
		from = hit.next;
	}
}

/* What was found once is not said to be hopeless. */
static void
denied(struct regex *re, struct span text)
{
	struct grams *g = grams_new(text);
	struct regex_hit hit;

	must(!regex_find(re, text, 0, false, &hit) || regex_may_find(re, g));
	grams_free(&g);
}

/* What a pattern needs is read from its text: in parentheses it is not. */
static void
compare(struct regex *re, struct span pattern, bool fold, struct span text)
{
	struct regex_hit a, b;
	struct buf inside = BUF_EMPTY;
	struct regex_nodes nodes = { .count = 0 };
	enum regex_error error;
	struct regex *other;

	/* the parser is not asked yet whether it agrees */
	must(regex_parse(pattern, fold, &nodes) == REGEX_FINE);
	regex_nodes_free(&nodes);
	buf_add_byte(&inside, '(');
	buf_add_span(&inside, pattern);
	buf_add_byte(&inside, ')');
	other = regex_new(buf_span(&inside), fold, &error);
	if (other != NULL && error == REGEX_FINE) {
		bool found = regex_find(re, text, 0, true, &a);

		must(found == regex_find(other, text, 0, true, &b));
		must(!found || (a.end == b.end && a.next == b.next));
	}
	regex_free(&other);
	buf_free(&inside);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span all = span_of((const char *)p, n), pattern;
	struct buf plain = BUF_EMPTY;
	enum regex_error error;
	bool fold = n % 2 == 0;
	struct regex *re;

	if (n > 20000 || !span_cut(&all, '\0', &pattern))
		return 0;
	regex_macros(&plain, pattern, &fold);
	re = regex_new(buf_span(&plain), fold, &error);
	if (re != NULL) {
		all = all.p == NULL ? SPAN("") : all;
		search_all(re, all);
		denied(re, all);
		must(regex_steps(re) <
		    ((uint64_t)plain.n * 8 + 64) * (all.n + 64) * (all.n + 4));
		if (error == REGEX_FINE)
			compare(re, buf_span(&plain), fold, all);
	}
	regex_free(&re);
	buf_free(&plain);
	return 0;
}
