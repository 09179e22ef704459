/* template.h - the texts of reports to senders (bounce_template_file)
 *
 *   failure_template = <<EOF
 *   Charset: us-ascii
 *   From: MAILER-DAEMON (Mail Delivery System)
 *   Subject: Undelivered Mail Returned to Sender
 *   Postmaster-Subject: Postmaster Copy: Undelivered Mail
 *
 *   words for people, with $name of main.cf
 *   EOF
 *
 * The format is that of Postfix's bounce(5); ours is bounce(5) too.
 */

#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct main_cf;
struct why;

enum template_kind {
	TEMPLATE_FAILURE,
	TEMPLATE_DELAY,
	TEMPLATE_SUCCESS,
	TEMPLATE_VERIFY,
	TEMPLATES
};

enum { TEMPLATE_FILE_MAX = 65536 };

/* Spans point into what was parsed. */
struct template
{
	enum template_kind kind;
	struct span charset; /* "us-ascii" when none was named */
	struct span from, subject;
	struct span postmaster_subject; /* that of the sender's copy without */
	struct span body; /* line ends LF, not expanded */
};

struct template_reader {
	struct span rest;
	const char *name; /* of the file, for messages */
	unsigned line;
};

enum template_came { TEMPLATE_GOT, TEMPLATE_BAD, TEMPLATE_END };

/* Set up to read text, at most TEMPLATE_FILE_MAX bytes of it. */
void template_reader_init(
    struct template_reader *r, struct span text, const char *name);
/* The next template. TEMPLATE_BAD: one that is ill-formed was passed over, or a
 * line that belongs to none; why says file and line. Never loops: each call
 * takes at least a line off. */
enum template_came
template_next(struct template_reader *r, struct template *out, struct why *why);
/* "failure_template" */
const char *template_name(enum template_kind kind);

/* Append text with $name of main.cf replaced, and of those that are times also
 * $name_seconds, _minutes, _hours, _days and _weeks, as whole numbers. */
bool template_expand(const struct main_cf *m, struct span text, struct buf *out,
    struct why *why);

/* What the suite brings along in a language ("en", "fr"): a template file's
 * text, appended. False: there is none. */
bool template_builtin(struct span language, struct buf *out);
/* The languages, in order; NULL at the end. */
const char *template_language(size_t i);

#endif
