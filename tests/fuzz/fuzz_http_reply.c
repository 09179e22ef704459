/* fuzz_http_reply.c - wire/http_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/http_reply.h"

enum { BODY_MAX = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What comes in one piece and what comes byte by byte is the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct http_reply *whole = http_reply_new(BODY_MAX);
	struct http_reply *bytes = http_reply_new(BODY_MAX);
	const char *text = (const char *)p;

	(void)http_reply_feed(whole, text, n);
	for (size_t i = 0; i < n; i++)
		(void)http_reply_feed(bytes, text + i, 1);
	must(http_reply_close(whole) == http_reply_close(bytes));
	must(http_reply_status(whole) == http_reply_status(bytes));
	must(http_reply_body(whole).n <= BODY_MAX);
	if (http_reply_close(whole) == HTTP_REPLY_DONE)
		must(span_eq(http_reply_body(whole), http_reply_body(bytes)));
	http_reply_free(&whole);
	http_reply_free(&bytes);
	return 0;
}
