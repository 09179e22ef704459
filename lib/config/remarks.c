/*
 * remarks.c - all that the configuration says in vain, as lines for people
 *
 * A setting that is silently without effect is worse than one that is refused:
 * its author believes in it. So master logs these at each start and reload, and
 * facteur check prints the same.
 */

#include "config/remarks.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/findings.h"
#include "config/master_cf.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/remedies.h"

/* Longest line. */
enum { LINE_MOST = 500 };

struct listener {
	remark_fn *say;
	void *arg;
};

/* Services that others ask by their name, and what is lost without them. */
static const struct {
	const char *name, *loss;
} needed[] = {
	{ "pickup", "no mail of the sendmail command is taken" },
	{ "qmgr", "no mail is taken and none delivered" },
	{ "bounce", "no delivery report can be sent" },
	{ "smtp", "mail for other hosts waits" },
	{ "deliver", "mail for this host waits" },
	{ "lookup", "no address can be looked up, mail waits" },
	{ "resolver", "no name of another host is found" },
	{ "keys", "there is no TLS" },
	{ "connector",
	    "milters, policy servers and socketmap: tables are not reached" },
	{ "auth", "nobody can log in" },
};

__attribute__((format(printf, 3, 4))) static void
tell(const struct listener *l, bool warning, const char *format, ...)
{
	struct buf raw = BUF_EMPTY, clean = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&raw, format, args);
	va_end(args);
	log_quote(&clean, buf_span(&raw), LINE_MOST);
	l->say(l->arg, warning, buf_str(&clean));
	buf_free(&raw);
	buf_free(&clean);
}

static void
tell_notes(const struct listener *l, const struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		tell(l, true, "%s", notes->rows[i].text);
}

/* "; see that": what does the same here. In out, or "". */
static const char *
remedy(enum finding_kind kind, const char *name, struct buf *out)
{
	const char *words = remedy_for(span_str(name));

	buf_clear(out);
	if (kind == FINDING_UNSUPPORTED && words != NULL)
		buf_printf(out, "; %s", words);
	return buf_str(out);
}

/* What a row says makes names of main.cf used. */
static void
row_learn(struct findings *f, const struct master_row *row)
{
	findings_service(f, row->column[MASTER_SERVICE]);
	for (size_t i = 0; i < row->n_options; i++)
		findings_text(f, row->options[i].value);
}

/* Names in values that neither main.cf nor the row itself sets. */
static void
options_tell(const struct listener *l, const struct findings *f,
    const struct master_row *row)
{
	for (size_t i = 0; i < row->n_options; i++) {
		struct span name;
		size_t at = 0;

		while (
		    findings_undefined(f, row->options[i].value, &at, &name)) {
			bool set = false;

			for (size_t k = 0; k < row->n_options; k++)
				set =
				    set || span_is(name, row->options[k].name);
			if (!set)
				tell(l, true, "master.cf, line %u: %s: %.*s",
				    row->line, finding_text(FINDING_UNDEFINED),
				    (int)name.n, name.p);
		}
	}
}

static void
row_tell(
    const struct listener *l, struct findings *f, const struct master_row *row)
{
	struct buf behind = BUF_EMPTY;
	enum finding_kind kind;

	if (strcmp(row->column[MASTER_COMMAND], "pipe") == 0)
		return; /* deliver reads it */
	if (master_row_folded(row)) {
		tell(l, false,
		    "master.cf, line %u: %s: its work is done elsewhere here; "
		    "the line starts nothing",
		    row->line, row->column[MASTER_SERVICE]);
		return;
	}
	options_tell(l, f, row);
	for (size_t i = 0; i < row->n_options; i++)
		if (findings_judge(f, row->options[i].name, &kind))
			tell(l, true, "master.cf, line %u: %s: -o %s=%s%s",
			    row->line, finding_text(kind), row->options[i].name,
			    row->options[i].value,
			    remedy(kind, row->options[i].name, &behind));
	buf_free(&behind);
}

static bool
has_unix(const struct master_cf *services, const char *name)
{
	return master_cf_find(services, name, MASTER_UNIX) != NULL;
}

static bool
is_sieve(const struct master_row *row)
{
	const char *service = row->column[MASTER_SERVICE];
	const char *colon = strrchr(service, ':');
	struct span protocol = span_str(colon == NULL ? service : colon + 1);

	for (size_t i = 0; i < row->n_options; i++)
		if (strcmp(row->options[i].name, "login_protocol") == 0)
			protocol = span_str(row->options[i].value);
	return row->type == MASTER_INET &&
	    strcmp(row->column[MASTER_COMMAND], "login") == 0 &&
	    (span_iis(protocol, "sieve") || span_iis(protocol, "managesieve") ||
		span_iis(protocol, "4190"));
}

/* Is there a row of login for this protocol? As login itself tells them apart.
 */
static bool
has_login(const struct master_cf *services, bool pop3)
{
	size_t n;
	const struct master_row *rows = master_cf_rows(services, &n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].type == MASTER_INET &&
		    strcmp(rows[i].column[MASTER_COMMAND], "login") == 0 &&
		    span_starts(span_str(rows[i].column[MASTER_SERVICE]),
			"pop3") == pop3 &&
		    !is_sieve(&rows[i]))
			return true;
	return false;
}

static bool
has_sieve(const struct master_cf *services)
{
	size_t n;
	const struct master_row *rows = master_cf_rows(services, &n);

	for (size_t i = 0; i < n; i++)
		if (is_sieve(&rows[i]))
			return true;
	return false;
}

static void
missing_tell(const struct listener *l, const struct master_cf *services)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!has_unix(services, needed[i].name))
			tell(l, true,
			    "master.cf: there is no row \"%s unix\": %s",
			    needed[i].name, needed[i].loss);
	if (has_login(services, false) && !has_unix(services, "imapd"))
		tell(l, true,
		    "master.cf: there is no row \"imapd unix\": nobody's IMAP "
		    "session begins");
	if (has_sieve(services) && !has_unix(services, "managesieve"))
		tell(l, true,
		    "master.cf: there is no row \"managesieve unix\": nobody's "
		    "ManageSieve session begins");
	if (has_login(services, true) && !has_unix(services, "pop3d"))
		tell(l, true,
		    "master.cf: there is no row \"pop3d unix\": nobody's POP3 "
		    "session begins");
}

static void
services_tell(const struct listener *l, struct findings *f,
    const struct master_cf *services)
{
	size_t n;
	const struct master_row *rows = master_cf_rows(services, &n);

	tell_notes(l, master_cf_notes(services));
	for (size_t i = 0; i < n; i++)
		row_learn(f, &rows[i]);
	for (size_t i = 0; i < n; i++)
		row_tell(l, f, &rows[i]);
	missing_tell(l, services);
}

static bool
value_is(const struct main_cf *m, const char *name, const char *what)
{
	struct buf value = BUF_EMPTY;
	struct why why;
	bool is;

	why_init(&why);
	is = main_cf_value(m, name, &value, &why) &&
	    span_iis(span_trim(buf_span(&value)), what);
	buf_free(&value);
	why_free(&why);
	return is;
}

/* Certificates that log in are asked for and let through by others. */
static void
certificates_tell(const struct listener *l, const struct main_cf *m)
{
	if (value_is(m, "login_clientcerts", ""))
		return;
	if (!value_is(m, "smtpd_tls_ask_ccert", "yes"))
		tell(l, true,
		    "main.cf: login_clientcerts is set, but no client is asked "
		    "for a certificate: see smtpd_tls_ask_ccert");
	if (value_is(
		m, "smtpd_sasl_mechanism_filter", "!external, static:rest"))
		tell(l, true,
		    "main.cf: login_clientcerts is set, but "
		    "smtpd_sasl_mechanism_filter does not let EXTERNAL "
		    "through: "
		    "it has no effect in SMTP");
}

/* A master.cf that is older than the service. */
static void
sts_tell(const struct listener *l, const struct main_cf *m,
    const struct master_cf *services)
{
	if (has_unix(services, "sts"))
		return;
	if (value_is(m, "smtp_mta_sts_enable", "yes"))
		tell(l, true,
		    "master.cf: there is no row \"sts unix\": mail for other "
		    "hosts waits, for smtp_mta_sts_enable is set");
	if (value_is(m, "smtp_tlsrpt_enable", "yes"))
		tell(l, true,
		    "master.cf: there is no row \"sts unix\": "
		    "smtp_tlsrpt_enable has no effect");
}

void
remarks_main(const struct main_cf *m, const struct master_cf *services,
    remark_fn *say, void *arg)
{
	struct listener l = { say, arg };
	struct findings *f = findings_new(m);
	struct buf behind = BUF_EMPTY;
	struct finding found;
	size_t at = 0;

	tell_notes(&l, main_cf_notes(m));
	certificates_tell(&l, m);
	if (services != NULL) {
		services_tell(&l, f, services);
		sts_tell(&l, m, services);
	}
	while (findings_next(f, &at, &found))
		tell(&l, true, "%s: %s: %s%s%s%s", found.where,
		    finding_text(found.kind), found.name,
		    found.kind == FINDING_UNDEFINED ? "" : "=", found.value,
		    remedy(found.kind, found.name, &behind));
	buf_free(&behind);
	findings_free(&f);
}

static void
setting_tell(const struct listener *l, const struct courier *c,
    const struct courier_setting *s)
{
	const char *instead = courier_instead(s->name);

	if (courier_use(s->name) == COURIER_UNKNOWN)
		tell(l, true, "%s, line %u: %s is no name that Courier knows",
		    courier_file(c), s->line, s->name);
	else
		tell(l, true, "%s, line %u: %s=%s is not supported here%s%s",
		    courier_file(c), s->line, s->name, s->value,
		    instead == NULL ? "" : "; see ",
		    instead == NULL ? "" : instead);
}

static bool
courier_file_tell(const struct listener *l, const char *path, struct why *why)
{
	struct courier *c = courier_load(path, true, why);
	struct courier_setting s;
	struct buf moot = BUF_EMPTY;
	size_t at = 0;

	if (c == NULL)
		return false;
	tell_notes(l, courier_notes(c));
	while (courier_next(c, &at, &s)) {
		switch (courier_use(s.name)) {
		case COURIER_USED:
			break;
		case COURIER_MOOT:
			if (s.value[0] != '\0')
				buf_printf(&moot, "%s%s",
				    moot.n > 0 ? ", " : "", s.name);
			break;
		case COURIER_MISSING:
		case COURIER_UNKNOWN:
			if (courier_use(s.name) == COURIER_UNKNOWN ||
			    !courier_idle(s.name, s.value))
				setting_tell(l, c, &s);
			break;
		}
	}
	if (moot.n > 0)
		tell(l, false, "%s: nothing to set here: %s", path,
		    buf_str(&moot));
	buf_free(&moot);
	courier_free(&c);
	return true;
}

bool
remarks_courier(const char *folder, enum place which, remark_fn *say, void *arg,
    struct why *why)
{
	struct listener l = { say, arg };
	struct buf path = BUF_EMPTY;
	bool good;

	(void)places_find(folder, which, &path);
	good = courier_file_tell(&l, buf_str(&path), why);
	if (good && (which == PLACE_IMAPD || which == PLACE_POP3D)) {
		(void)places_find(folder,
		    which == PLACE_IMAPD ? PLACE_IMAPD_SSL : PLACE_POP3D_SSL,
		    &path);
		good = courier_file_tell(&l, buf_str(&path), why);
	}
	buf_free(&path);
	return good;
}
