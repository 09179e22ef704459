/* fuzz_proxy_target.c - values of imap_proxy_maps, wire/proxy_target.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/secret.h"
#include "wire/proxy_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf text = BUF_EMPTY;
	struct proxy_target t;
	const char *error;

	buf_add(&text, p, n);
	if (proxy_target_parse(&text, &t, &error)) {
		must(t.local || (t.host.n > 0 && t.host.n <= PROXY_HOST_MAX));
		must(t.user.n <= PROXY_NAME_MAX && !span_has_break(t.user));
		must(t.master.n <= PROXY_NAME_MAX && !span_has_break(t.master));
		must(t.password.n <= SECRET_MAX && !span_has_break(t.password));
		must(t.master.n == 0 || t.password.n > 0);
		must(t.header <= 2);
	} else {
		must(error != NULL);
	}
	buf_free(&text);
	return 0;
}
