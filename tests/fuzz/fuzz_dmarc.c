/* A policy record, an Authentication-Results field, a list of suffixes: any
 * bytes give a value or none, and what is written is one field of ASCII lines.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "mauth/authres.h"
#include "mauth/dmarc.h"
#include "mauth/suffixes.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
written(struct span in)
{
	struct buf out = BUF_EMPTY;

	authres_begin(&out, in);
	authres_method(&out, "dkim", "pass", "r");
	authres_property(&out, "header.d", in);
	authres_end(&out, true);
	for (size_t i = 0; i < out.n; i++) {
		must(out.p[i] >= ' ' || out.p[i] == '\t' || out.p[i] == '\n');
		must(
		    out.p[i] != '\n' || i + 1 == out.n || out.p[i + 1] == '\t');
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n), domain;
	struct suffixes *s = suffixes_new(in);
	struct buf id = BUF_EMPTY;
	struct dmarc_record r;

	if (dmarc_record_parse(in, &r))
		must(r.percent <= 100);
	must(authres_id(in, &id) || id.n <= n);
	domain = suffixes_organization(s, in);
	must(domain.n <= n);
	domain = suffixes_organization(NULL, in);
	must(domain.n <= n);
	suffixes_free(&s);
	written(in);
	buf_free(&id);
	return 0;
}
