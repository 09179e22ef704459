/* fuzz_master_cf.c - master.cf */

#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf printed = BUF_EMPTY;
	struct why why;
	struct master_cf *m;
	size_t rows = 0;

	why_init(&why);
	m = master_cf_parse(span_of((const char *)p, n), "master.cf", &why);
	must(m != NULL || why.text.n > 0);
	if (m != NULL) {
		const struct master_row *row = master_cf_rows(m, &rows);

		for (; rows > 0; rows--, row++) {
			must(row->type != MASTER_INET || row->port > 0);
			must(row->line > 0 && row->n_options <= row->n_args);
			print_master_row(rows % 2 == 0, row, &printed);
			(void)master_row_folded(row);
		}
	}
	master_cf_free(&m);
	buf_free(&printed);
	why_free(&why);
	return 0;
}
