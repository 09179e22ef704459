/* imap_command.c - the few IMAP commands before authentication, as bytes */

#include "login/imap_command.h"

#include "base/buf.h"
#include "base/number.h"

/* The literal announced at the end of a line: "{12}" or "{12+}". False: none.
 * An announcement that is too large gives n above IMAP_LITERAL_MAX. */
static bool
announced(struct span line, uint64_t *n, bool *waits)
{
	size_t open;
	struct span digits;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	open = span_rfind(line, '{');
	if (open == line.n)
		return false;
	digits = span_of(line.p + open + 1, line.n - open - 2);
	*waits = true;
	if (digits.n > 0 && digits.p[digits.n - 1] == '+') {
		*waits = false;
		digits.n--;
	}
	if (digits.n == 0)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (!ascii_digit((unsigned char)digits.p[i]))
			return false;
	if (!number_parse(digits, 0, IMAP_LITERAL_MAX, n))
		*n = IMAP_LITERAL_MAX + 1;
	return true;
}

enum imap_scan
imap_scan(struct span input, size_t *n, unsigned *prompts)
{
	size_t at = 0;

	*prompts = 0;
	for (;;) {
		struct span rest = span_skip(input, at), line;
		size_t end = span_find(rest, '\n');
		uint64_t literal = 0;
		bool waits;

		if (end == rest.n)
			return input.n > IMAP_COMMAND_MAX ? IMAP_TOO_LONG
							  : IMAP_MORE;
		line = span_head(rest, end);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		at += end + 1;
		if (at > IMAP_COMMAND_MAX)
			return IMAP_TOO_LONG;
		if (!announced(line, &literal, &waits)) {
			*n = at;
			return IMAP_WHOLE;
		}
		if (literal > IMAP_LITERAL_MAX ||
		    at + literal > IMAP_COMMAND_MAX)
			return IMAP_TOO_LONG;
		if (waits)
			++*prompts;
		if (input.n - at < literal)
			return waits && input.n == at ? IMAP_LITERAL
						      : IMAP_MORE;
		at += (size_t)literal;
	}
}

static bool
atom_char(int c)
{
	return c > 32 && c < 127 && memchr("(){%*\"\\]", c, 8) == NULL;
}

static bool
take_run(struct span *rest, struct span *out, bool (*good)(int))
{
	size_t n = 0;

	while (n < rest->n && good((unsigned char)rest->p[n]))
		n++;
	*out = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return n > 0;
}

static bool
tag_char(int c)
{
	return (atom_char(c) || c == ']') && c != '+';
}

bool
command_tag(struct span *rest, struct span *tag)
{
	return take_run(rest, tag, tag_char) && tag->n <= 255;
}

static bool
take_blank(struct span *rest)
{
	if (span_at(*rest, 0) != ' ')
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

bool
command_word(struct span *rest, struct span *word)
{
	return take_blank(rest) && take_run(rest, word, atom_char);
}

static bool
take_quoted(struct span *rest, struct buf *out)
{
	for (size_t i = 1; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '"') {
			*rest = span_skip(*rest, i + 1);
			return true;
		}
		if (c == '\r' || c == '\n' || c == '\0')
			return false;
		if (c == '\\') {
			i++;
			if (i == rest->n ||
			    (rest->p[i] != '"' && rest->p[i] != '\\'))
				return false;
			c = rest->p[i];
		}
		buf_add_byte(out, c);
	}
	return false;
}

static bool
take_literal(struct span *rest, struct buf *out)
{
	size_t end = span_find(*rest, '\n');
	struct span line = span_head(*rest, end);
	uint64_t n;
	bool waits;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (end == rest->n || !announced(line, &n, &waits) ||
	    span_rfind(line, '{') != 0)
		return false;
	*rest = span_skip(*rest, end + 1);
	if (n > rest->n || span_find(span_head(*rest, (size_t)n), '\0') < n)
		return false;
	buf_add_span(out, span_head(*rest, (size_t)n));
	*rest = span_skip(*rest, (size_t)n);
	return true;
}

static bool
astring_char(int c)
{
	return atom_char(c) || c == ']' || c >= 128;
}

bool
command_astring(struct span *rest, struct buf *out)
{
	struct span word;

	if (!take_blank(rest))
		return false;
	if (span_at(*rest, 0) == '"')
		return take_quoted(rest, out);
	if (span_at(*rest, 0) == '{')
		return take_literal(rest, out);
	if (!take_run(rest, &word, astring_char))
		return false;
	buf_add_span(out, word);
	return true;
}

/* A string, or NIL, which is empty. */
static bool
take_nstring(struct span *rest, struct buf *out)
{
	buf_clear(out);
	if (span_istarts(*rest, "NIL")) {
		*rest = span_skip(*rest, 3);
		return true;
	}
	return span_at(*rest, 0) == '"' ? take_quoted(rest, out)
					: take_literal(rest, out);
}

bool
command_id(struct span args, const char *field, struct buf *out)
{
	struct buf name = BUF_EMPTY;
	bool found = false;

	buf_clear(out);
	args = span_skip(args, span_starts(args, " (") ? 2 : args.n);
	while (!found && take_nstring(&args, &name) && take_blank(&args) &&
	    take_nstring(&args, out)) {
		found = span_iis(buf_span(&name), field);
		if (!take_blank(&args))
			break;
	}
	buf_free(&name);
	if (!found)
		buf_clear(out);
	return found;
}

bool
command_end(struct span rest)
{
	return span_is(rest, "\r\n") || span_is(rest, "\n");
}
