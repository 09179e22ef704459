/* quirks.c - what tables say of a server's address, and old firewalls */

#include "smtp/quirks.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "smtp/destination.h"
#include "smtp/inside.h"
#include "smtp/tables.h"

static const char *const names[] = { [QUIRK_PIX_NO_ESMTP] = "disable_esmtp",
	[QUIRK_PIX_DELAY_DOT] = "delay_dotcrlf" };

bool
quirks_pix(struct span words, unsigned *pix)
{
	struct span word;

	*pix = 0;
	while (span_word(&words, ", \t\r\n", &word)) {
		if (span_iis(word, names[QUIRK_PIX_NO_ESMTP]))
			*pix |= QUIRK_PIX_NO_ESMTP;
		else if (span_iis(word, names[QUIRK_PIX_DELAY_DOT]))
			*pix |= QUIRK_PIX_DELAY_DOT;
		else
			return false;
	}
	return true;
}

static void
keywords_take(struct session *s, struct span value)
{
	/* "" would be main.cf's */
	s->discard = arena_span(s->arena, value.n == 0 ? SPAN(" ") : value);
}

static void
pix_take(struct session *s, struct span value)
{
	unsigned pix;

	if (quirks_pix(value, &pix))
		s->pix = pix;
	else
		log_warning("smtp_pix_workaround_maps: \"%.*s\" for %s: not "
			    "understood",
		    (int)span_head(value, 100).n, value.p, s->name);
}

static const struct {
	const char *parameter;
	void (*take)(struct session *s, struct span value);
} tables[] = { { "smtp_discard_ehlo_keyword_address_maps", keywords_take },
	{ "smtp_pix_workaround_maps", pix_take } };

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static bool
is_set(const struct session *s, unsigned i)
{
	const struct smtp_conf *c = s->env->conf;

	return (i == 0 ? c->smtp_discard_ehlo_keyword_address_maps
		       : c->smtp_pix_workaround_maps)[0] != '\0';
}

static void came(void *arg, enum tables_result result, struct span value);

static void
ask_next(struct session *s)
{
	const struct target *t = s->setup.target;
	struct buf address = BUF_EMPTY;
	struct span keys[2] = { { .n = 0 } };

	while (s->env->lookup != NULL && s->tables_asked < TABLES &&
	    !is_set(s, s->tables_asked))
		s->tables_asked++;
	if (s->env->lookup == NULL || s->tables_asked == TABLES) {
		session_dial(s);
		return;
	}
	if (t->path == NULL)
		address_print(&address, &t->address);
	keys[0] = t->path != NULL ? span_str(t->path) : buf_span(&address);
	s->tables = tables_find(
	    s->env, tables[s->tables_asked].parameter, keys, came, s);
	buf_free(&address);
}

static void
came(void *arg, enum tables_result result, struct span value)
{
	struct session *s = arg;
	unsigned i = s->tables_asked++;
	struct why why;

	session_enter(s);
	s->tables = NULL;
	if (result == TABLES_TROUBLE) {
		why_init(&why);
		why_set(&why, "4.3.0", "%s cannot be read",
		    smtp_conf_name(s->env->conf, tables[i].parameter));
		session_fail(s, &why);
		why_free(&why);
	} else {
		if (result == TABLES_FOUND)
			tables[i].take(s, value);
		ask_next(s);
	}
	session_leave(s);
}

void
quirks_begin(struct session *s)
{
	s->pix = s->env->conf->pix;
	ask_next(s);
}

/* "220 *****************2****0*": what a PIX leaves of a greeting. */
static bool
is_masked(struct span text)
{
	bool stars = false;

	for (size_t i = 0; i < text.n; i++) {
		if (span_find(SPAN("20 *\t\n"), text.p[i]) == 6)
			return false;
		stars |= text.p[i] == '*';
	}
	return stars;
}

void
quirks_greeting(struct session *s, const struct smtp_reply *r)
{
	struct span qid = s->setup.qid;

	if (s->pix == 0 || !is_masked(buf_span(&r->raw)) ||
	    s->setup.queued_s <
		s->env->conf->smtp_pix_workaround_threshold_time)
		return;
	s->has_pix = true;
	log_info("%.*s: enabling PIX workarounds:%s%s for %s", (int)qid.n,
	    qid.p, (s->pix & QUIRK_PIX_NO_ESMTP) != 0 ? " disable_esmtp" : "",
	    (s->pix & QUIRK_PIX_DELAY_DOT) != 0 ? " delay_dotcrlf" : "",
	    s->name);
}

bool
quirks_has(const struct session *s, enum quirk_pix which)
{
	return s->has_pix && (s->pix & which) != 0;
}
