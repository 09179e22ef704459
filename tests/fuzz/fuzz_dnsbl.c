/* fuzz_dnsbl.c - how lists in the DNS are written down, smtpd/dnsbl.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "dns/name.h"
#include "smtpd/dnsbl.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The list is one line, the name that is looked for the next. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), text = { "", 0 };
	struct buf name = BUF_EMPTY;
	struct dnsbl l;
	struct why why;

	why_init(&why);
	(void)span_line(&rest, &text);
	if (dnsbl_parse(text, true, &l, &why)) {
		must(l.weight != 0 && l.domain.n > 0);
		(void)dnsbl_counts(&l, span_head(rest, 4));
		if (dnsbl_name_put(&name, &l, rest))
			must(dns_name_askable(buf_span(&name)));
		buf_clear(&name);
		if (dnsbl_address_put(&name, &l, span_head(rest, 16)))
			must(dns_name_askable(buf_span(&name)));
	}
	buf_free(&name);
	why_free(&why);
	return 0;
}
