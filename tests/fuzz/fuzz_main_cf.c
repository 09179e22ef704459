/* fuzz_main_cf.c - main.cf as read; all values expanded and typed */

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "config/notes.h"
#include "config/param.h"

static void
use(const struct main_cf *m, struct why *why)
{
	const char *name, *value;
	size_t at = 0;

	while (main_cf_next(m, &at, &name, &value)) {
		struct buf out = BUF_EMPTY;

		must(main_cf_is_set(m, name));
		must(main_cf_where(m, name) != NULL);
		if (!main_cf_value(m, name, &out, why))
			must(why->text.n > 0);
		buf_free(&out);
	}
}

static void
fill_one(const struct main_cf *m, const struct param *row, struct why *why)
{
	struct param rows[2] = { *row, { .name = NULL } };
	struct arena *a = arena_new();
	union {
		const char *s;
		bool b;
		int64_t n;
	} field;

	rows[0].where = 0;
	if (!param_fill(rows, m, a, &field, why))
		must(why->text.n > 0);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = main_cf_parse(span_of((const char *)p, n), "main.cf", &why);
	if (m == NULL) {
		must(why.text.n > 0);
	} else {
		use(m, &why);
		for (size_t i = 0; i < param_all_count; i++)
			if (main_cf_is_set(m, param_all[i].name) ||
			    i % 64 == n % 64)
				fill_one(m, &param_all[i], &why);
		main_cf_free(&m);
	}
	why_free(&why);
	return 0;
}
