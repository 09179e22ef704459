/*
 * smtp_command.c - the command lines of SMTP and LMTP, as a server reads them
 *
 * A pure function from a line to a struct: no policy, no state. What a command
 * takes is a table (RFC 5321, 4.1.1; RFC 2033; RFC 3030; RFC 4954), and so is
 * what the parameters of MAIL and RCPT may be (RFC 1870, 3461, 4865, 4954,
 * 6152, 6531, 8689).
 */

#include "wire/smtp_command.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"

enum {
	MECHANISM_MAX = 20, /* RFC 4422, 3.1 */
	ATTRIBUTES_MAX = 20,
	HOLD_UNTIL_MAX = 40,
};

/* What is parsed, and with what. */
struct parse {
	struct smtp_command *out;
	unsigned flags;
	struct arena *arena;
};

typedef enum smtp_fault parse_fn(struct parse *p, struct span s);

static bool
lenient(const struct parse *p)
{
	return (p->flags & SMTP_LENIENT) != 0;
}

/* Take the next word off *rest; blanks are what separates words. */
static bool
take_word(struct span *rest, struct span *word)
{
	return span_word(rest, " \t", word);
}

static bool
has_blank(struct span s)
{
	return span_find_any(s, " \t") < s.n;
}

/* Parameters of MAIL and RCPT. Each function gets the value behind '='. */

static enum smtp_fault
param_size(struct parse *p, struct span s)
{
	if (s.n > 20)
		return SMTP_PARAM_BAD;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(span_at(s, i)))
			return SMTP_PARAM_BAD;
	/* twenty digits may not fit: then it is more than any limit */
	if (!number_parse(s, 0, UINT64_MAX, &p->out->size))
		p->out->size = UINT64_MAX;
	p->out->has_size = true;
	return SMTP_FINE;
}

static enum smtp_fault
param_body(struct parse *p, struct span s)
{
	if (span_iis(s, "7BIT"))
		p->out->body = SMTP_7BIT;
	else if (span_iis(s, "8BITMIME"))
		p->out->body = SMTP_8BITMIME;
	else if (span_iis(s, "BINARYMIME"))
		p->out->body = SMTP_BINARYMIME;
	else
		return SMTP_PARAM_BAD;
	return SMTP_FINE;
}

static enum smtp_fault
param_smtputf8(struct parse *p, struct span s)
{
	(void)s;
	p->out->smtputf8 = true;
	return SMTP_FINE;
}

static enum smtp_fault
param_requiretls(struct parse *p, struct span s)
{
	(void)s;
	p->out->requiretls = true;
	return SMTP_FINE;
}

/* Keep "for;" or "until;" and the value. HOLDFOR and HOLDUNTIL are two names
 * of one parameter. */
static enum smtp_fault
hold_keep(struct parse *p, const char *how, struct span value)
{
	if (p->out->hold.n > 0)
		return SMTP_PARAM_TWICE;
	p->out->hold = span_str(
	    arena_printf(p->arena, "%s;%.*s", how, (int)value.n, value.p));
	return SMTP_FINE;
}

static enum smtp_fault
param_holdfor(struct parse *p, struct span s)
{
	if (span_at(s, 0) == '0' ||
	    !number_parse(s, 1, SMTP_HOLD_MAX, &p->out->hold_for))
		return SMTP_PARAM_BAD;
	return hold_keep(p, "for", s);
}

static enum smtp_fault
param_holduntil(struct parse *p, struct span s)
{
	if (s.n > HOLD_UNTIL_MAX)
		return SMTP_PARAM_BAD;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) &&
		    span_find(SPAN("-:."), s.p[i]) == 3)
			return SMTP_PARAM_BAD;
	p->out->hold_until = s;
	return hold_keep(p, "until", s);
}

static enum smtp_fault
param_ret(struct parse *p, struct span s)
{
	if (span_iis(s, "FULL"))
		p->out->ret = SMTP_RET_FULL;
	else if (span_iis(s, "HDRS"))
		p->out->ret = SMTP_RET_HDRS;
	else
		return SMTP_PARAM_BAD;
	return SMTP_FINE;
}

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(span_at(s, i)))
			return true;
	return false;
}

/* Decode into the arena. What comes out stands in replies and reports, so it
 * may hold no control byte. */
static bool
decoded(struct parse *p, struct span s,
    bool (*decode)(struct buf *out, struct span s), struct span *out)
{
	struct buf b = BUF_EMPTY;
	bool fine = decode(&b, s) && !has_control(buf_span(&b));

	if (fine)
		*out = arena_span(p->arena, buf_span(&b));
	buf_free(&b);
	return fine;
}

static enum smtp_fault
param_envid(struct parse *p, struct span s)
{
	if (s.n > SMTP_ENVID_MAX)
		return SMTP_PARAM_BAD;
	if (!decoded(p, s, smtp_xtext_decode, &p->out->envid))
		return SMTP_PARAM_BAD;
	for (size_t i = 0; i < p->out->envid.n; i++)
		if (span_at(p->out->envid, i) > '~')
			return SMTP_PARAM_BAD;
	p->out->has_envid = true;
	return SMTP_FINE;
}

static enum smtp_fault
param_auth(struct parse *p, struct span s)
{
	if (!decoded(p, s, smtp_xtext_decode, &p->out->auth))
		return SMTP_PARAM_BAD;
	if (!utf8_valid(p->out->auth))
		return SMTP_PARAM_BAD;
	if (span_is(p->out->auth, "<>"))
		p->out->auth = SPAN("");
	p->out->has_auth = true;
	return SMTP_FINE;
}

static unsigned
notify_bit(struct span word)
{
	if (span_iis(word, "NEVER"))
		return SMTP_NOTIFY_NEVER;
	if (span_iis(word, "SUCCESS"))
		return SMTP_NOTIFY_SUCCESS;
	if (span_iis(word, "FAILURE"))
		return SMTP_NOTIFY_FAILURE;
	return span_iis(word, "DELAY") ? SMTP_NOTIFY_DELAY : 0;
}

static enum smtp_fault
param_notify(struct parse *p, struct span s)
{
	struct span word;
	unsigned all = 0;

	while (span_cut(&s, ',', &word)) {
		unsigned bit = notify_bit(word);

		if (bit == 0)
			return SMTP_PARAM_BAD;
		all |= bit;
	}
	if ((all & SMTP_NOTIFY_NEVER) != 0 && all != SMTP_NOTIFY_NEVER)
		return SMTP_PARAM_BAD;
	p->out->notify = all;
	return SMTP_FINE;
}

/* An atom of RFC 3461, 4.2: registered address types look like this. */
static bool
type_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

static enum smtp_fault
param_orcpt(struct parse *p, struct span s)
{
	size_t at = span_find(s, ';');
	struct span type = span_head(s, at), value = span_skip(s, at + 1);
	bool utf8 = span_iis(type, "utf-8");

	if (s.n > SMTP_ORCPT_MAX || !type_valid(type) || value.n == 0)
		return SMTP_PARAM_BAD;
	if (!decoded(p, value, utf8 ? smtp_unitext_decode : smtp_xtext_decode,
		&p->out->orcpt))
		return SMTP_PARAM_BAD;
	if (!utf8_valid(p->out->orcpt))
		return SMTP_PARAM_BAD;
	p->out->orcpt_type = type;
	p->out->orcpt_raw = s;
	p->out->has_orcpt = true;
	return SMTP_FINE;
}

/* XVERP, or XVERP=+= (Postfix's VERP_README). */
static enum smtp_fault
param_xverp(struct parse *p, struct span s)
{
	p->out->has_verp = true;
	p->out->verp = s;
	return SMTP_FINE;
}

enum valued { BARE, VALUED, EITHER };

static const struct param {
	const char *name;
	enum smtp_verb verb;
	enum valued valued;
	parse_fn *take;
} params[] = {
	{ "SIZE", SMTP_MAIL, VALUED, param_size },
	{ "BODY", SMTP_MAIL, VALUED, param_body },
	{ "SMTPUTF8", SMTP_MAIL, BARE, param_smtputf8 },
	{ "AUTH", SMTP_MAIL, VALUED, param_auth },
	{ "RET", SMTP_MAIL, VALUED, param_ret },
	{ "ENVID", SMTP_MAIL, VALUED, param_envid },
	{ "REQUIRETLS", SMTP_MAIL, BARE, param_requiretls },
	{ "HOLDFOR", SMTP_MAIL, VALUED, param_holdfor },
	{ "HOLDUNTIL", SMTP_MAIL, VALUED, param_holduntil },
	{ "XVERP", SMTP_MAIL, EITHER, param_xverp },
	{ "NOTIFY", SMTP_RCPT, VALUED, param_notify },
	{ "ORCPT", SMTP_RCPT, VALUED, param_orcpt },
};

enum { PARAMS = sizeof(params) / sizeof(params[0]) };

/* esmtp-value of RFC 5321, 4.1.2. Controls and blanks cannot be there any
 * more. Postfix takes '=' in it when it is not strict. */
static bool
value_valid(const struct parse *p, struct span value)
{
	return value.n > 0 && (lenient(p) || span_find(value, '=') == value.n);
}

static enum smtp_fault
take_param(struct parse *p, struct span word, unsigned *seen)
{
	size_t at = span_find(word, '=');
	struct span name = span_head(word, at), value = span_skip(word, at + 1);
	size_t i = 0;

	while (i < PARAMS &&
	    (params[i].verb != p->out->verb || !span_iis(name, params[i].name)))
		i++;
	p->out->bad_param = name;
	if (i == PARAMS)
		return SMTP_PARAM_UNKNOWN;
	if ((*seen & 1U << i) != 0)
		return SMTP_PARAM_TWICE;
	*seen |= 1U << i;
	if (params[i].valued == VALUED
		? !value_valid(p, value)
		: params[i].valued == BARE && at < word.n)
		return SMTP_PARAM_BAD;
	if (params[i].valued == EITHER && at < word.n && value.n == 0)
		return SMTP_PARAM_BAD;
	return params[i].take(p, value);
}

static enum smtp_fault
take_params(struct parse *p, struct span rest)
{
	struct span word;
	unsigned seen = 0;

	p->out->params = rest;
	for (size_t n = 0; take_word(&rest, &word); n++) {
		enum smtp_fault fault;

		if (n == SMTP_PARAMS_MAX)
			return SMTP_PARAM_MANY;
		fault = take_param(p, word, &seen);
		if (fault != SMTP_FINE)
			return fault;
	}
	p->out->bad_param = SPAN("");
	return SMTP_FINE;
}

/* Index of the first byte of set in s that stands outside a quoted string, or
 * s.n. */
static size_t
find_unquoted(struct span s, const char *set)
{
	struct span wanted = span_str(set);
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (quoted && s.p[i] == '\\')
			i++;
		else if (!quoted && span_find(wanted, s.p[i]) < wanted.n)
			return i;
	}
	return s.n;
}

/* Take "<path>" off *rest. */
static enum smtp_fault
take_path(struct parse *p, struct span *rest)
{
	size_t end;

	if (span_at(*rest, 0) == '<') {
		end = find_unquoted(*rest, ">");
		if (end == rest->n)
			return SMTP_BAD_PATH;
		p->out->path = span_of(rest->p + 1, end - 1);
		*rest = span_skip(*rest, end + 1);
	} else {
		end = find_unquoted(*rest, " \t");
		if (!lenient(p) || end == 0)
			return SMTP_BAD_PATH;
		p->out->path = span_head(*rest, end);
		*rest = span_skip(*rest, end);
	}
	return rest->n == 0 || ascii_blank(span_at(*rest, 0)) ? SMTP_FINE
							      : SMTP_BAD_PATH;
}

static enum smtp_fault
parse_mail_or_rcpt(struct parse *p, struct span s)
{
	const char *word = p->out->verb == SMTP_MAIL ? "FROM:" : "TO:";
	enum smtp_fault fault;

	if (!span_istarts(s, word))
		return SMTP_BAD_SYNTAX;
	s = span_skip(s, span_str(word).n);
	if (lenient(p))
		s = span_trim_left(s);
	fault = take_path(p, &s);
	if (fault != SMTP_FINE)
		return fault;
	if (p->out->verb == SMTP_RCPT && p->out->path.n == 0)
		return SMTP_BAD_PATH;
	return take_params(p, span_trim(s));
}

static enum smtp_fault
parse_hello(struct parse *p, struct span s)
{
	return has_blank(s) && !lenient(p) ? SMTP_BAD_SYNTAX : SMTP_FINE;
}

/* "VRFY string SMTPUTF8" */
static enum smtp_fault
parse_lookup(struct parse *p, struct span s)
{
	size_t at = s.n - 8;

	if (s.n > 9 && span_iends(s, "SMTPUTF8") &&
	    ascii_blank(span_at(s, at - 1))) {
		p->out->smtputf8 = true;
		p->out->arg = span_trim_right(span_head(s, at));
	}
	return SMTP_FINE;
}

static enum smtp_fault
parse_bdat(struct parse *p, struct span s)
{
	struct span size, last, more;

	if (!take_word(&s, &size) || size.n > 20 ||
	    !number_parse(size, 0, UINT64_MAX, &p->out->chunk))
		return SMTP_BAD_SYNTAX;
	if (!take_word(&s, &last))
		return SMTP_FINE;
	if (!span_iis(last, "LAST") || take_word(&s, &more))
		return SMTP_BAD_SYNTAX;
	p->out->last = true;
	return SMTP_FINE;
}

static bool
mechanism_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= MECHANISM_MAX;
}

/* The decoder checks it fully; here only that it can be base64. */
static bool
base64_looks(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) && s.p[i] != '+' &&
		    s.p[i] != '/' && s.p[i] != '=')
			return false;
	return true;
}

static enum smtp_fault
parse_auth(struct parse *p, struct span s)
{
	struct span more;

	if (!take_word(&s, &p->out->mechanism) ||
	    !mechanism_valid(p->out->mechanism))
		return SMTP_BAD_SYNTAX;
	if (!take_word(&s, &p->out->initial))
		return SMTP_FINE;
	p->out->has_initial = true;
	if (take_word(&s, &more) || !base64_looks(p->out->initial))
		return SMTP_BAD_SYNTAX;
	if (span_is(p->out->initial, "="))
		p->out->initial = SPAN("");
	return SMTP_FINE;
}

static enum smtp_fault
parse_attributes(struct parse *p, struct span s)
{
	struct smtp_attribute *list =
	    arena_array(p->arena, ATTRIBUTES_MAX, sizeof(*list));
	struct span word;

	p->out->attributes = list;
	for (size_t n = 0; take_word(&s, &word); n++) {
		size_t at = span_find(word, '=');

		if (n == ATTRIBUTES_MAX || at == word.n ||
		    !type_valid(span_head(word, at)))
			return SMTP_BAD_SYNTAX;
		list[n].name = span_head(word, at);
		if (!decoded(p, span_skip(word, at + 1), smtp_xtext_decode,
			&list[n].value))
			return SMTP_BAD_SYNTAX;
		p->out->attribute_count = n + 1;
	}
	return SMTP_FINE;
}

enum takes { NOTHING, MAYBE, SOMETHING };

static const struct row {
	const char *word;
	enum takes takes;
	parse_fn *parse;
} rows[] = {
	[SMTP_UNKNOWN] = { "UNKNOWN", MAYBE, NULL },
	[SMTP_HELO] = { "HELO", SOMETHING, parse_hello },
	[SMTP_EHLO] = { "EHLO", SOMETHING, parse_hello },
	[SMTP_LHLO] = { "LHLO", SOMETHING, parse_hello },
	[SMTP_MAIL] = { "MAIL", SOMETHING, parse_mail_or_rcpt },
	[SMTP_RCPT] = { "RCPT", SOMETHING, parse_mail_or_rcpt },
	[SMTP_DATA] = { "DATA", NOTHING, NULL },
	[SMTP_BDAT] = { "BDAT", SOMETHING, parse_bdat },
	[SMTP_RSET] = { "RSET", NOTHING, NULL },
	[SMTP_NOOP] = { "NOOP", MAYBE, NULL },
	[SMTP_QUIT] = { "QUIT", NOTHING, NULL },
	[SMTP_VRFY] = { "VRFY", SOMETHING, parse_lookup },
	[SMTP_EXPN] = { "EXPN", SOMETHING, parse_lookup },
	[SMTP_HELP] = { "HELP", MAYBE, NULL },
	[SMTP_ETRN] = { "ETRN", SOMETHING, NULL },
	[SMTP_AUTH] = { "AUTH", SOMETHING, parse_auth },
	[SMTP_STARTTLS] = { "STARTTLS", NOTHING, NULL },
	[SMTP_XCLIENT] = { "XCLIENT", SOMETHING, parse_attributes },
	[SMTP_XFORWARD] = { "XFORWARD", SOMETHING, parse_attributes },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const char *
smtp_verb_name(enum smtp_verb v)
{
	return rows[v].word;
}

enum smtp_verb
smtp_verb_of(struct span word)
{
	for (size_t i = SMTP_UNKNOWN + 1; i < ROWS; i++)
		if (span_iis(word, rows[i].word))
			return (enum smtp_verb)i;
	return SMTP_UNKNOWN;
}

/* Only text: RFC 5321, 4.1.2, and UTF-8 where SMTPUTF8 may come. */
static bool
bytes_valid(const struct parse *p, struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (ascii_control(span_at(line, i)) &&
		    !(lenient(p) && line.p[i] == '\t'))
			return false;
	return utf8_valid(line);
}

enum smtp_fault
smtp_command_parse(
    struct smtp_command *out, struct span line, unsigned flags, struct arena *a)
{
	struct parse p = { out, flags, a };
	size_t at = span_find_any(line, " \t");
	struct span rest = span_skip(line, at + 1);
	const struct row *row;

	*out = (struct smtp_command){ .word = span_head(line, at) };
	out->verb = smtp_verb_of(out->word);
	out->arg = span_trim(rest);
	if (!bytes_valid(&p, line))
		return SMTP_BAD_BYTES;
	if (out->verb == SMTP_UNKNOWN)
		return SMTP_BAD_VERB;
	row = &rows[out->verb];
	if (row->takes == NOTHING && out->arg.n > 0)
		return SMTP_NO_ARG;
	if (row->takes == SOMETHING && out->arg.n == 0)
		return SMTP_NEED_ARG;
	if (!lenient(&p) && ascii_blank(span_at(rest, 0)) && out->arg.n > 0)
		return SMTP_BAD_SYNTAX;
	return row->parse == NULL ? SMTP_FINE : row->parse(&p, out->arg);
}
