/*
 * mauth_results.c - what was found about a message, as Authentication-Results
 * (RFC 8601) and as a line of the log
 */

#include "smtpd/mauth_inside.h"

#include "base/base64.h"
#include "base/log.h"
#include "mauth/authres.h"
#include "mauth/spf.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { SIGNATURE_SHOWN = 6 /* octets: eight characters */ };

static void
spf_put(const struct mauth *m, struct buf *out)
{
	bool helo = spf_is_helo(m->spf);

	authres_method(out, "spf", spf_result_name(spf_result(m->spf)),
	    spf_reason(m->spf));
	authres_property(out, helo ? "smtp.helo" : "smtp.mailfrom",
	    helo ? span_str(m->s->helo) : m->s->mail->sender);
}

static void
check_put(const struct dkim_check *c, struct buf *out)
{
	struct buf text = BUF_EMPTY;

	authres_method(out, "dkim", dkim_result_name(c->result), c->reason);
	if (c->bits > 0) {
		buf_printf(&text, "%u-bit key%s", c->bits,
		    c->testing ? " being tested" : "");
		authres_comment(out, buf_str(&text));
		buf_clear(&text);
	}
	if (c->parsed) {
		authres_property(out, "header.d", c->sig.domain);
		authres_property(out, "header.s", c->sig.selector);
	}
	if (c->sig.signature.n > 0) {
		authres_property(out, "header.a",
		    span_str(dkim_algorithm_name(c->sig.algorithm)));
		base64_encode(
		    &text, span_head(c->sig.signature, SIGNATURE_SHOWN));
		authres_property(out, "header.b", buf_span(&text));
	}
	buf_free(&text);
}

static void
dmarc_put(const struct mauth *m, struct buf *out)
{
	enum dmarc_result result = dmarc_result(&m->dmarc);
	struct buf text = BUF_EMPTY;

	if (m->author == DMARC_AUTHOR_SEVERAL)
		authres_method(
		    out, "dmarc", "permerror", "several authors' domains");
	else
		authres_method(out, "dmarc", dmarc_result_name(result), NULL);
	if (m->dmarc.found) {
		buf_printf(&text, "p=%s dis=%s",
		    dmarc_policy_name(dmarc_wanted(&m->dmarc)),
		    dmarc_policy_name(m->disposed));
		authres_comment(out, buf_str(&text));
	}
	if (m->author == DMARC_AUTHOR_ONE)
		authres_property(out, "header.from", m->domain);
	buf_free(&text);
}

static void
arc_put(const struct mauth *m, struct buf *out)
{
	struct buf text = BUF_EMPTY;

	authres_method(
	    out, "arc", arc_result_name(m->arc.result), m->arc.reason);
	if (m->arc.count > 0) {
		buf_printf(&text, "i=%u", m->arc.count);
		authres_comment(out, buf_str(&text));
	}
	authres_property(out, "smtp.remote-ip", span_str(m->s->client.addr));
	buf_free(&text);
}

/* The field in one line, without its name and our own. */
static void
results_log(const struct mauth *m)
{
	struct span rest = buf_span(&m->results), word;
	struct buf line = BUF_EMPTY, text = BUF_EMPTY;

	rest = span_skip(rest, span_find(rest, ';') + 1);
	while (span_word(&rest, " \t\n", &word)) {
		if (line.n > 0)
			buf_add_byte(&line, ' ');
		buf_add_span(&line, word);
	}
	log_quote(&text, buf_span(&line), 900);
	log_info("%s: authentication: %s", m->s->mail->qid, buf_str(&text));
	buf_free(&line);
	buf_free(&text);
}

void
mauth_results(struct mauth *m)
{
	const struct mauth_conf *c = m->s->smtpd->mauth;
	struct buf *out = &m->results;

	authres_begin(out, span_str(m->s->smtpd->conf->authserv_id));
	if (c->spf)
		spf_put(m, out);
	if (c->dkim && m->dkim.count == 0)
		authres_method(out, "dkim", "none", NULL);
	for (size_t i = 0; i < m->dkim.count; i++)
		check_put(&m->dkim.checks[i], out);
	if (c->dmarc)
		dmarc_put(m, out);
	if (c->arc)
		arc_put(m, out);
	authres_end(out, true);
	results_log(m);
}
