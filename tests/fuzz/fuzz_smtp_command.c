/* fuzz_smtp_command.c - command lines, wire/smtp_command.h */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/utf8.h"
#include "wire/smtp_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The first byte is the flags. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_skip(span_of((const char *)p, n), 1);
	struct arena *a = arena_new();
	struct smtp_command c;
	enum smtp_fault f;

	f = smtp_command_parse(&c, in, n > 0 ? p[0] % 2U : 0, a);
	if (f == SMTP_FINE) {
		must(c.verb != SMTP_UNKNOWN && utf8_valid(in));
		must(!span_has_break(in) && !span_has_break(c.envid));
		must(c.smtputf8 ? c.verb == SMTP_MAIL || c.verb == SMTP_VRFY ||
			    c.verb == SMTP_EXPN
				: true);
		must(c.hold.n <= 50 && c.hold_for <= SMTP_HOLD_MAX);
		must(!span_has_break(c.auth) && !span_has_break(c.orcpt));
		must(c.verb == SMTP_MAIL || c.verb == SMTP_RCPT ||
		    c.path.n == 0);
		for (size_t i = 0; i < c.attribute_count; i++)
			must(!span_has_break(c.attributes[i].value));
	}
	arena_free(&a);
	return 0;
}
