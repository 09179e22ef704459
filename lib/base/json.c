/* json.c - writing JSON (RFC 8259, 7) */

#include "base/json.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"

void
json_string(struct buf *out, struct span s)
{
	buf_add_byte(out, '"');
	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0) {
			buf_add_byte(out, '?');
			n = 1;
		} else if (c == '"' || c == '\\') {
			buf_printf(out, "\\%c", (int)c);
		} else if (c < 32 || c == 127) {
			buf_printf(out, "\\u%04x", (unsigned)c);
		} else {
			buf_add_span(out, span_head(s, n));
		}
		s = span_skip(s, n);
	}
	buf_add_byte(out, '"');
}
