/* fuzz_idn.c - domain names in other scripts, message/idn.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/idn.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* An ASCII form has no way back to anything but itself. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct buf ascii = BUF_EMPTY, wide = BUF_EMPTY, again = BUF_EMPTY;

	if (idn_to_ascii(&ascii, in) && span_at(in, 0) != '[') {
		must(!utf8_wide(buf_span(&ascii)));
		must(!utf8_wide(in) || !span_has_break(buf_span(&ascii)) ||
		    span_has_break(in));
		idn_to_unicode(&wide, buf_span(&ascii));
		if (idn_to_ascii(&again, buf_span(&wide)))
			must(span_ieq(buf_span(&again), buf_span(&ascii)));
	}
	buf_clear(&again);
	if (idn_other_form(&again, in))
		must(!span_eq(buf_span(&again), in));
	buf_free(&ascii);
	buf_free(&wide);
	buf_free(&again);
	return 0;
}
