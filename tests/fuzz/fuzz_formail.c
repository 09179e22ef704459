/* fuzz_formail.c - a mailbox split into messages, each answered and changed
 *
 * The first byte chooses options, the rest is the mailbox.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "tools/formail/formail.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct edit edits[] = {
	{ EDIT_RENAME_OLD, SPAN_INIT("Subject:"), SPAN_INIT("Subject: x"),
	    true },
	{ EDIT_RENAME, SPAN_INIT("X-"), SPAN_INIT("Y-"), false },
	{ EDIT_RENAME, SPAN_INIT("From "), SPAN_INIT("Was:"), false },
	{ EDIT_FIRST, SPAN_INIT("Received:"), SPAN_INIT("Received:"), false },
	{ EDIT_LAST, SPAN_INIT("R"), SPAN_INIT("R"), false },
	{ EDIT_ADD_MISSING, SPAN_INIT("To:"), SPAN_INIT("To: y"), true },
	{ EDIT_EXTRACT, SPAN_INIT("Date:"), SPAN_INIT("Date:"), false },
	{ EDIT_EXTRACT_ALL, SPAN_INIT(""), SPAN_INIT(""), false },
};

static void
try_message(const struct formail *f, struct span message)
{
	struct mail m = { .memory = arena_new() };

	mail_parse(&m, message);
	must(m.body.n <= message.n);
	for (size_t i = 0; i < m.count; i++) {
		must(m.fields[i].name > 0);
		must(span_ends(m.fields[i].text, "\n"));
	}
	must(reply_sender(f, &m).n <= 2 * message.n + 2);
	edit_prepare(f, &m);
	if (f->reply)
		(void)reply_make(f, &m);
	else if (mail_find(&m, "From ") == NULL)
		reply_from_line(f, &m);
	edit_run(f, &m);
	write_mail(f, &m);
	buf_free(&m.out);
	arena_free(&m.memory);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct formail f = { .split = true, .edits = edits, .min_fields = 2 };
	struct span rest, one;
	size_t total = 0;

	if (n == 0 || n > 65536)
		return 0;
	f.digest = p[0] & 1;
	f.every = p[0] & 2;
	f.reply = p[0] & 4;
	f.by_header = p[0] & 8;
	f.lengths = p[0] & 16;
	f.join = f.zap = p[0] & 32;
	f.keep = p[0] & 64;
	/* without those that extract, or with them */
	f.edit_count = sizeof(edits) / sizeof(*edits) - (p[0] & 128 ? 0 : 2);
	rest = span_of((const char *)p + 1, n - 1);
	while (bounds_next(&f, &rest, &one)) {
		total += one.n;
		must(one.n > 0 && total <= n);
		try_message(&f, one);
	}
	must(rest.n == 0);
	return 0;
}
