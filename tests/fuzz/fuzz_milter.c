/* fuzz_milter.c - packets of milters, milter/proto.h, and what they make of a
 * header, milter/header.h
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "milter/header.h"
#include "milter/proto.h"
#include "queue/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char content[] = "A: 1\nB: 2\n two\nA: 3\nC:4\n\n";

static void
code_check(struct span text)
{
	struct milter_code c;
	struct buf words = BUF_EMPTY;

	if (milter_read_code(text, &c, &words)) {
		must(c.code >= 400 && c.code <= 599 && words.n <= 900);
		for (size_t i = 0; i < words.n; i++)
			must(words.p[i] == '\n' ||
			    !ascii_control((unsigned char)words.p[i]));
	}
	buf_free(&words);
}

static void
apply(struct milter_header *h, const struct milter_message *m)
{
	switch (m->answer) {
	case MILTER_ADD_HEADER:
		(void)milter_header_add(h, m->name, m->value, true);
		break;
	case MILTER_INSERT_HEADER:
		(void)milter_header_insert(
		    h, m->index, m->name, m->value, false);
		break;
	case MILTER_CHANGE_HEADER:
		(void)milter_header_change(
		    h, m->index, m->name, m->value, true);
		break;
	case MILTER_REPLY_CODE:
		code_check(m->value);
		break;
	case MILTER_ADD_RCPT:
	case MILTER_DEL_RCPT:
	case MILTER_ADD_RCPT_PAR:
	case MILTER_SHUTDOWN:
	case MILTER_ACCEPT:
	case MILTER_REPLACE_BODY:
	case MILTER_CONTINUE:
	case MILTER_DISCARD:
	case MILTER_CHANGE_FROM:
	case MILTER_FAIL:
	case MILTER_NEGOTIATE:
	case MILTER_PROGRESS:
	case MILTER_QUARANTINE:
	case MILTER_REJECT:
	case MILTER_SKIP:
	case MILTER_TEMPFAIL:
		break;
	}
}

/* Each edit is whole lines of which only the first begins a field. */
static void
edits_check(struct span list)
{
	enum edit_kind kind;
	uint32_t number;
	struct span text;

	while (edits_next(&list, &kind, &number, &text)) {
		must(number <= 4);
		must(kind == EDIT_DELETE || span_ends(text, "\n"));
		must(span_search(text, SPAN("\n\n")) == text.n);
		must(span_find(text, '\0') == text.n);
	}
	must(list.n == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n), packet;
	struct arena *a = arena_new();
	struct milter_header *h =
	    milter_header_new(a, span_str(content), SPAN(""));
	struct buf edits = BUF_EMPTY;

	while (milter_next(in, &packet) == MILTER_PACKET) {
		struct milter_message m;

		must(packet.n > 0 && packet.n <= in.n - 4);
		if (milter_read(packet, &m))
			apply(h, &m);
		in = span_skip(in, packet.n + 4);
	}
	milter_header_edits(h, &edits);
	must(milter_header_full(h) || edits.n <= MILTER_EDITS_MAX);
	edits_check(buf_span(&edits));
	buf_free(&edits);
	arena_free(&a);
	return 0;
}
