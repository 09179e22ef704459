/* fuzz_net_reply.c - what servers of tables say, maps/net_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "maps/net_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	enum map_result got;
	struct why why;

	why_init(&why);
	(void)net_reply_socketmap(in, &got, &out, &why);
	(void)net_reply_tcp(in, &got, &out, &why);
	/* what we encode is read back */
	buf_clear(&out);
	buf_add_str(&out, "200 ");
	net_encode(&out, in);
	buf_add_byte(&out, '\n');
	if (out.n < 4096) {
		must(net_reply_tcp(buf_span(&out), &got, &back, &why) ==
		    NET_REPLY_DONE);
		must(span_eq(buf_span(&back), in));
	}
	why_free(&why);
	buf_free(&out);
	buf_free(&back);
	return 0;
}
