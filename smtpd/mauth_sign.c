/*
 * mauth_sign.c - our own mail is signed, strangers' mail is sealed; and what
 * all sessions share of mail authentication
 */

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/sign_job.h"
#include "intake/content.h"
#include "mauth/key_table.h"
#include "mauth/suffixes.h"
#include "os/file.h"
#include "queue/edits.h"
#include "smtpd/conf.h"
#include "smtpd/mauth_inside.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { LIST_MAX = 4 * 1024 * 1024 };

static bool
policy_read(const char *text, enum dmarc_policy *out, struct why *why)
{
	struct span word = span_trim(span_str(text));

	for (int i = DMARC_POLICY_NONE; i <= DMARC_POLICY_REJECT; i++)
		if (span_iis(word, dmarc_policy_name((enum dmarc_policy)i))) {
			*out = (enum dmarc_policy)i;
			return true;
		}
	why_set(why, "4.3.5",
	    "dmarc_policy: \"%s\": none, quarantine or reject is wanted", text);
	return false;
}

/* Without the list a rule of labels serves. */
static struct suffixes *
suffixes_read(const char *path)
{
	struct suffixes *s = NULL;
	struct buf text = BUF_EMPTY;

	if (file_read_path(path, LIST_MAX, &text) == -1)
		log_warning("public_suffix_list: cannot read %s (package "
			    "publicsuffix): organizational domains are "
			    "guessed",
		    path);
	else
		s = suffixes_new(buf_span(&text));
	buf_free(&text);
	return s;
}

static bool
keys_read(struct mauth_conf *c, struct arena *a, const struct smtpd_conf *conf,
    struct why *why)
{
	const struct key_row *rows[KEY_TABLE_PER_DOMAIN];
	struct span domain = span_trim(span_str(conf->arc_seal_domain));

	if (conf->dkim_key_table[0] != '\0') {
		c->keys = key_table_read(conf->dkim_key_table, a, why);
		if (c->keys == NULL)
			return false;
	}
	if (domain.n == 0)
		return true;
	if (c->keys != NULL && key_table_find(c->keys, domain, rows) > 0) {
		c->seal = rows[0];
		return true;
	}
	why_set(why, "4.3.5",
	    "arc_seal_domain: no key for %s in dkim_key_table",
	    conf->arc_seal_domain);
	return false;
}

struct mauth_conf *
mauth_conf_new(struct arena *a, const struct smtpd_conf *conf, struct why *why)
{
	struct mauth_conf *c = arena_alloc(a, sizeof(*c));

	if (!policy_read(conf->dmarc_policy, &c->policy, why) ||
	    !keys_read(c, a, conf, why))
		return NULL;
	c->dmarc = conf->dmarc_check || c->seal != NULL;
	c->spf = conf->spf_check || c->dmarc;
	c->dkim = conf->dkim_check || c->dmarc;
	c->arc = conf->arc_check || c->seal != NULL;
	c->checks = c->spf || c->dkim || c->arc;
	if (c->dmarc)
		c->suffixes = suffixes_read(conf->public_suffix_list);
	return c;
}

void
mauth_conf_free(struct mauth_conf **c)
{
	if (*c != NULL)
		suffixes_free(&(*c)->suffixes);
	*c = NULL;
}

static void
signed_all(void *arg, struct span fields)
{
	struct session *s = arg;

	s->mail->signing = NULL;
	if (fields.n > 0)
		edits_add(&s->mail->edits, EDIT_PREPEND, 0, fields);
	s->signed_all(s);
	session_run(s);
}

bool
mauth_sign(struct session *s, void (*fn)(struct session *s))
{
	const struct mauth_conf *c = s->smtpd->mauth;
	struct mail *m = s->mail;
	struct sign_request r = { .qid = m->qid,
		.fd = m->fd,
		.size = content_size(m->content),
		.edits = buf_span(&m->edits) };

	if (mauth_is_ours(s)) {
		r.keys = c->keys;
	} else if (m->mauth != NULL && c->seal != NULL) {
		r.seal = c->seal;
		r.found = &m->mauth->arc;
		r.results = span_skip(buf_span(&m->mauth->results),
		    sizeof("Authentication-Results: ") - 1);
	}
	if (r.keys == NULL && r.seal == NULL)
		return false;
	s->signed_all = fn;
	m->signing =
	    sign_start(s->smtpd->loop, s->smtpd->keys, &r, signed_all, s);
	return true;
}

void
mauth_sign_end(struct mail *m)
{
	sign_cancel(&m->signing);
}
