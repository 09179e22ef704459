/* fuzz_mime_lines.c - what each line of a message is, message/mime_lines.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "message/mime_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* All of it is a message's header and body; a line that begins with a blank
 * goes on with a field. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), line;
	struct mime_lines *m = mime_lines_new(5);
	bool own = true;

	while (span_line(&rest, &line)) {
		if (own && line.n > 0) {
			mime_lines_field(m, line);
			continue;
		}
		if (own) {
			own = false;
			mime_lines_header_end(m);
			continue;
		}
		switch (mime_lines_feed(m, line)) {
		case MIME_LINE_FIELD:
			must(mime_lines_in_header(m));
			mime_lines_field(m, line);
			break;
		case MIME_LINE_END:
		case MIME_LINE_BODY:
			break;
		}
		must(mime_lines_part(m) > 0);
	}
	mime_lines_free(&m);
	return 0;
}
