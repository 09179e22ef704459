/* fuzz_template.c - bounce_template_file */

#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "config/param.h"
#include "config/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct main_cf *m;
	struct template_reader r;
	struct template t;
	struct why why;
	enum template_came came;
	size_t calls = 0;

	why_init(&why);
	if (m == NULL)
		m = main_cf_parse(SPAN("myhostname = x\n"), "main.cf", &why);
	template_reader_init(&r, span_of((const char *)p, n), "f");
	while ((came = template_next(&r, &t, &why)) != TEMPLATE_END) {
		struct buf out = BUF_EMPTY;

		must(++calls <= n);
		if (came == TEMPLATE_GOT) {
			must(t.kind < TEMPLATES && t.from.n > 0);
			must(t.subject.n > 0 && t.postmaster_subject.n > 0);
			(void)!template_expand(m, t.body, &out, &why);
		} else {
			must(why.text.n > 0);
		}
		buf_free(&out);
	}
	why_free(&why);
	return 0;
}
