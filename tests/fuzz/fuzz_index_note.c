/* fuzz_index_note.c - mailbox/index_note.h: the note that names a log
 *
 * What is understood is written again as it was.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "mailbox/index_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span text = span_of((const char *)p, n);
	struct buf again = BUF_EMPTY;
	struct index_note note;

	if (index_note_parse(text, &note)) {
		struct index_note other;

		index_note_print(&again, &note);
		must(index_note_parse(buf_span(&again), &other));
		must(other.id == note.id && other.ino == note.ino);
	}
	buf_free(&again);
	return 0;
}
