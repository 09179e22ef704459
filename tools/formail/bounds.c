/*
 * bounds.c - where the messages of a mailbox begin
 *
 * At a line "From " behind an empty line, if fields that mail really has come
 * next: other such lines are text. In a digest a block of such fields is
 * enough.
 */

#include "base/arena.h"
#include "tools/formail/formail.h"

/* Fields that mail has. Behind what looks like an envelope line, any other
 * name may well be text. */
static const char *const known[] = { "Acknowledge-To", "Alternate-Recipient",
	"Apparently-To", "Approved", "Archived-At", "Article",
	"Authentication-Results", "Auto-Submitted", "Autocrypt",
	"Autoforwarded", "Bcc", "Cc", "Comments", "Content-Description",
	"Content-Disposition", "Content-Identifier", "Content-Language",
	"Content-Length", "Content-Return", "Content-Transfer-Encoding",
	"Content-Type", "Control", "Conversion", "DKIM-Signature",
	"DL-Expansion-History", "Date", "Delivered-To", "Delivery-Date",
	"Disclose-Recipients", "Distribution", "Encrypted", "Envelope-To",
	"Errors-To", "Expires", "Expiry-Date", "Feedback-ID", "Followup-To",
	"Forwarded", "From", "Generate-Delivery-Report", "Importance",
	"In-Reply-To", "Incomplete-Copy", "Keywords", "Language", "Lines",
	"MIME-Version", "Mail-Followup-To", "Mail-From", "Mailing-List",
	"Message-ID", "Message-Type", "NNTP-Posting-Host", "Newsgroups",
	"Obsoletes", "Organisation", "Organization",
	"Original-Encoded-Information-Types", "Original-From",
	"Originator-Return-Address", "Originator", "Path", "Posted-Date",
	"Posted", "Precedence", "Prevent-Nondelivery-Report", "Priority",
	"Received-SPF", "Received", "References", "Relay-Version", "Replied",
	"Reply-By", "Reply-To", "Return-Path", "Return-Receipt-To", "Sender",
	"Sensitivity", "Status", "Subject", "Summary", "Supersedes", "To",
	"User-Agent", "Version", "Via", "X400-Received", "Xref" };
static const char *const known_fronts[] = { "ARC-", "List-", "Old-", "Resent-",
	"X-" };

static bool
is_known(struct span field)
{
	size_t gap, n = mail_name(field, &gap);
	struct span name;

	if (n == 0 || field.p[n - 1] != ':')
		return false;
	name = span_head(field, n - 1 - gap);
	for (size_t i = 0; i < sizeof(known_fronts) / sizeof(*known_fronts);
	     i++)
		if (span_istarts(name, known_fronts[i]))
			return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_iis(name, known[i]))
			return true;
	return false;
}

bool
bounds_envelope(struct span line)
{
	struct span word;

	size_t gap, n = mail_name(line, &gap);

	if (n == 0 || line.p[n - 1] != ' ')
		return false;
	line = span_skip(line, sizeof("From ") - 1);
	if (!span_word(&line, " \t\n", &word))
		return false;
	return span_word(&line, " \t\n", &word); /* a date begins */
}

/* Do at least so many known fields stand at the front of s? */
static bool
has_fields(struct span s, size_t least)
{
	size_t n;

	for (; least > 0; least--) {
		if (!is_known(s) || (n = mail_field(s)) == 0)
			return false;
		s = span_skip(s, n);
	}
	return true;
}

static bool
begins(const struct formail *f, struct span s, bool open)
{
	if (f->min_fields == 0) /* as in procmail, none are enough */
		return false;
	/* lines ">From " belong to it only behind an empty line */
	if (bounds_envelope(span_head(s, mail_line(s))))
		return has_fields(
		    span_skip(s, open ? mail_field(s) : mail_line(s)),
		    f->min_fields - 1);
	return f->digest && has_fields(s, f->min_fields);
}

/* Behind the header, or behind what Content-Length covers: there it may be in
 * the middle of a line. */
static struct span
behind_header(const struct formail *f, struct span all, struct arena *a)
{
	struct mail m = { .memory = a };
	struct span rest;

	mail_parse(&m, all);
	if (f->digest || !f->lengths)
		return m.body;
	rest = span_skip(m.body, m.length > m.body.n ? m.body.n : m.length);
	while (rest.n > 0 && rest.p > all.p && rest.p[-1] != '\n')
		rest = span_skip(rest, 1);
	return rest;
}

bool
bounds_open(struct span all, struct span s)
{
	const char *at = s.p;

	return (size_t)(at - all.p) >= 2 && at[-1] == '\n' && at[-2] == '\n';
}

bool
bounds_next(const struct formail *f, struct span *rest, struct span *out)
{
	struct arena *a = arena_new();
	const char *body;
	struct span s;

	while (span_at(*rest, 0) == '\n')
		*rest = span_skip(*rest, 1);
	s = behind_header(f, *rest, a);
	arena_free(&a);
	/* what ended the header was an empty line or an envelope line */
	body = s.p;
	while (s.n > 0) {
		bool open = bounds_open(*rest, s);

		if ((f->every || s.p == body || open) && begins(f, s, open))
			break;
		s = span_skip(s, mail_line(s));
	}
	*out = span_between(rest->p, s.p);
	*rest = s;
	return out->n > 0;
}
