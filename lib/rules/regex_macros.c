/*
 * regex_macros.c - ^TO_ and its kin, which stand for long regexes
 *
 * The texts are those that procmailrc(5) promises to its readers: they are part
 * of the language. A macro with a backslash before it is no macro.
 */

#include "rules/regex.h"

#include "base/buf.h"

#define TO_FIELDS \
	"(^((Original-)?(Resent-)?(To|Cc|Bcc)" \
	"|(X-Envelope|Apparently(-Resent)?)-To):"
#define AFTER_NAME "(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?"
#define LINE_END   "$([^>]|$)"

static const struct {
	const char *name;
	bool fold;
	const char *text;
} macros[] = {
	{ "^TO_", false, TO_FIELDS "(.*[^-a-zA-Z0-9_.])?)" },
	{ "^TO", false, TO_FIELDS "(.*[^a-zA-Z])?)" },
	{ "^FROM_DAEMON", true,
	    "(^(Mailing-List:|Precedence:.*(junk|bulk|list)"
	    "|To: Multiple recipients of "
	    "|(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )"
	    "([^>]*[^(.%@a-z0-9])?"
	    "(Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon"
	    "|m(mdf|ajordomo)|n?uucp|LIST(SERV|proc)|NETSERV|o(wner|ps)"
	    "|r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|echo|mirror"
	    "|s(erv(ices?|er)|mtp(error)?|ystem)"
	    "|A(dmin(istrator)?|MMGR|utoanswer))" AFTER_NAME LINE_END "))" },
	{ "^FROM_MAILER", false,
	    "(^(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )"
	    "([^>]*[^(.%@a-z0-9])?"
	    "(Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp"
	    "|ops|r(esponse|oot)|(bbs\\.)?smtp(error)?|s(erv(ices?|er)|ystem)"
	    "|A(dmin(istrator)?|MMGR))" AFTER_NAME LINE_END ")" },
};

enum { MACROS = sizeof(macros) / sizeof(macros[0]) };

static size_t
macro_at(struct span rest)
{
	size_t i = 0;

	while (i < MACROS && !span_starts(rest, macros[i].name))
		i++;
	return i;
}

void
regex_macros(struct buf *out, struct span pattern, bool *fold)
{
	while (pattern.n > 0) {
		size_t take = 0, which = MACROS;

		while (take < pattern.n && pattern.p[take] != '^' &&
		    pattern.p[take] != '\\')
			take++;
		buf_add_span(out, span_head(pattern, take));
		pattern = span_skip(pattern, take);
		take = 1;
		if (pattern.n == 0)
			break;
		if (pattern.p[0] == '\\')
			take = 2;
		else
			which = macro_at(pattern);
		if (which == MACROS) {
			buf_add_span(out, span_head(pattern, take));
		} else {
			take = strlen(macros[which].name);
			buf_add_str(out, macros[which].text);
			*fold = *fold || macros[which].fold;
		}
		pattern = span_skip(pattern, take);
	}
}
