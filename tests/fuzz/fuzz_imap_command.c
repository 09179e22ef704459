/* fuzz_imap_command.c - what a stranger sends to login/imap_command.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "login/imap_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* However it is cut into packets, the command is the same. */
static void
cut(struct span input, size_t whole)
{
	size_t n;
	unsigned prompts;

	for (size_t i = 0; i < input.n; i += 1 + i / 16) {
		enum imap_scan got =
		    imap_scan(span_head(input, i), &n, &prompts);

		if (i < whole)
			must(got == IMAP_MORE || got == IMAP_LITERAL);
		else
			must(got == IMAP_WHOLE && n == whole);
	}
}

static void
command(struct span rest)
{
	struct span all = rest, tag, word;
	struct buf out = BUF_EMPTY;

	if (command_tag(&rest, &tag) && command_word(&rest, &word)) {
		must(tag.n > 0 && tag.n <= 255 && word.n > 0);
		for (int i = 0; i < 3 && command_astring(&rest, &out); i++)
			must(rest.n < all.n);
		(void)command_end(rest);
		(void)command_id(rest, "x-originating-ip", &out);
	}
	must(out.n <= all.n);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span input = span_of((const char *)p, n);
	size_t whole;
	unsigned prompts;

	while (imap_scan(input, &whole, &prompts) == IMAP_WHOLE) {
		must(whole > 0 && whole <= input.n);
		cut(input, whole);
		command(span_head(input, whole));
		input = span_skip(input, whole);
	}
	return 0;
}
