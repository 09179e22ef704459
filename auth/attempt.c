/*
 * attempt.c - what one attempt finds out, in its own process
 *
 * A name is looked for in the modules of authdaemonrc, in order. SCRAM knows
 * only the user database: a challenge is made for everybody, and one who has no
 * verifier there gets one that nothing fits.
 */

#include "auth/attempt.h"

#include <errno.h>
#include <string.h>

#include "auth/conf.h"
#include "auth/exchange.h"
#include "auth/pam.h"
#include "auth/userdb.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "maps/map_pool.h"
#include "os/users.h"
#include "sasl/scram.h"

/* user, or user@ one of our own names. */
static void
name_local(const struct auth_conf *conf, struct span all, struct buf *out)
{
	size_t at = span_rfind(all, '@');
	struct span domain = span_skip(all, at + 1);

	if (at < all.n &&
	    ((conf->default_domain[0] != '\0' &&
		 span_iis(domain, conf->default_domain)) ||
		span_iis(domain, conf->mydomain) ||
		span_iis(domain, conf->myhostname)))
		all.n = at;
	buf_add_span(out, all);
}

bool
attempt_same_name(const struct auth_conf *conf, struct span a, struct span b)
{
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;
	bool same;

	name_local(conf, a, &one);
	name_local(conf, b, &other);
	same = span_eq(buf_span(&one), buf_span(&other));
	buf_free(&one);
	buf_free(&other);
	return same;
}

static void
check_token(const struct attempt_ground *g, const struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	struct introspect_answer got;

	introspect_ask(g->conf, t->password, a, &got);
	r->verdict = got.verdict;
	r->claims = got.claims;
	r->user = got.user;
	r->until = got.until;
	r->text = span_str(got.text);
}

/* The account behind a name that has proved itself. */
static void
account_fill(const struct auth_conf *conf, struct arena *a, struct span user,
    const struct userdb_entry *entry, struct attempt_result *r)
{
	struct account account = { .name = "" };
	bool complete = entry->has_uid && entry->has_gid && entry->home.n > 0;

	if (!complete && users_find(a, user, &account) != USERS_FOUND) {
		r->verdict = AUTH_DENIED;
		r->text = SPAN("no such account");
		return;
	}
	r->user = complete ? user : span_str(account.name);
	r->uid = entry->has_uid ? entry->uid : account.uid;
	r->gid = entry->has_gid ? entry->gid : account.gid;
	r->home = entry->home.n > 0 ? entry->home : span_str(account.home);
	r->mail = entry->mail;
	r->quota = entry->quota;
	if (r->mail.n == 0)
		r->mail = span_str(conf->maildir);
	if (r->mail.p[0] != '/')
		r->mail = span_str(arena_printf(a, "%.*s/%.*s", (int)r->home.n,
		    r->home.p, (int)r->mail.n, r->mail.p));
	if (r->uid == 0 || r->home.n == 0 || r->home.p[0] != '/') {
		r->verdict = AUTH_DENIED;
		r->text = SPAN("root and accounts without a home have no "
			       "mailbox");
	}
}

/* The name without the default domain. False: it has another one. */
static bool
local_part(const struct auth_conf *conf, struct span name, struct span *local)
{
	size_t at = span_rfind(name, '@');

	*local = span_head(name, at);
	return at == name.n ||
	    (conf->default_domain[0] != '\0' &&
		span_iis(span_skip(name, at + 1), conf->default_domain));
}

size_t
attempt_names(const struct auth_conf *conf, struct span user, struct arena *a,
    struct span names[ATTEMPT_NAMES])
{
	struct span local;
	size_t n = 0;

	names[n++] = user;
	if (conf->default_domain[0] == '\0' ||
	    !local_part(conf, user, &local) || local.n == 0)
		return n;
	names[n++] = local;
	names[n++] = span_str(arena_printf(
	    a, "%.*s@%s", (int)local.n, local.p, conf->default_domain));
	return n;
}

/* What lookup found beforehand, as if it were found now. */
static enum auth_verdict
entry_judge(const struct attempt *t, struct userdb_question *q,
    struct userdb_entry *entry)
{
	struct userdb_question found = *q;
	enum auth_verdict got;

	if (t->entry.got == AUTH_TROUBLE)
		return AUTH_TROUBLE;
	found.table = "auth_user_maps";
	got = userdb_judge(
	    &found, t->entry.got == AUTH_OK, t->entry.value, entry);
	if (got == AUTH_OK)
		q->user = t->entry.name;
	return got;
}

/* With the default domain and without it a name is one user's: as it was given
 * it counts first. q->user is set to the one that was found. All spellings lead
 * to one entry, or else a made-up challenge could be told from a true one by
 * asking twice. */
static enum auth_verdict
database_ask(const struct auth_conf *conf, struct userdb_question *q,
    struct arena *a, struct userdb_entry *entry)
{
	struct userdb_question look = *q;
	struct span names[ATTEMPT_NAMES];
	size_t n = attempt_names(conf, q->user, a, names);
	enum auth_verdict got = AUTH_DENIED;

	look.password = span_of(NULL, 0);
	for (size_t i = 0; i < n && got == AUTH_DENIED; i++) {
		look.user = names[i];
		got = userdb_ask(&look, a, entry);
	}
	if (got == AUTH_OK)
		q->user = look.user;
	/* one hash is computed for one who is not there, too */
	return got == AUTH_TROUBLE || q->password.p == NULL
	    ? got
	    : userdb_ask(q, a, entry);
}

static void
try_modules(const struct auth_conf *conf, const struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	struct span password =
	    t->kind == ATTEMPT_PASSWORD ? t->password : span_of(NULL, 0);
	struct userdb_entry entry = { .has_uid = false };
	struct buf user = BUF_EMPTY, text = BUF_EMPTY;
	struct userdb_question question = { conf->auth_user_database, t->user,
		t->service, password };

	name_local(conf, t->user, &user);
	r->verdict = AUTH_DENIED;
	for (unsigned i = 0; i < conf->module_count; i++) {
		enum auth_verdict got;

		if (conf->modules[i] == MODULE_PAM)
			got = pam_ask(t->service.p, &user, password,
			    t->client_addr.p, &text);
		else if (conf->modules[i] == MODULE_USERDB)
			got = database_ask(conf, &question, a, &entry);
		else
			got = entry_judge(t, &question, &entry);
		if (got != AUTH_DENIED)
			r->verdict = got;
		if (got == AUTH_OK && conf->modules[i] != MODULE_PAM) {
			buf_clear(&user);
			buf_add_span(&user, question.user);
		}
		if (got == AUTH_OK || got == AUTH_EXPIRED)
			break;
	}
	r->text = arena_span(a, buf_span(&text));
	if (r->verdict == AUTH_OK)
		account_fill(
		    conf, a, arena_span(a, buf_span(&user)), &entry, r);
	buf_free(&user);
	buf_free(&text);
}

/* The verifier of the user, or one that nothing fits. */
struct verifier {
	struct scram_verifier v;
	struct userdb_entry entry;
	struct span user; /* as the table has it */
	bool true_one, master;
};

/* "user*master" is the master. */
static struct span
master_name(const struct auth_conf *conf, struct span user)
{
	char separator = conf->auth_master_user_separator[0];
	size_t at = separator == '\0' ? user.n : span_rfind(user, separator);

	return at < user.n ? span_skip(user, at + 1) : user;
}

/* A master's; out is left alone when there is none. */
static enum auth_verdict
master_verifier(const struct auth_conf *conf, const struct attempt *t,
    struct arena *a, struct verifier *out)
{
	struct userdb_question q = { conf->auth_master_user_database,
		master_name(conf, t->user), t->service, span_of(NULL, 0) };
	struct userdb_entry entry;
	struct scram_verifier v;
	enum auth_verdict got;

	if (conf->auth_master_user_database[0] == '\0')
		return AUTH_DENIED;
	got = userdb_ask(&q, a, &entry);
	if (got != AUTH_OK || !scram_verifier_parse(entry.verifier, &v))
		return got == AUTH_TROUBLE ? got : AUTH_DENIED;
	out->v = v;
	out->user = q.user;
	out->true_one = out->master = true;
	return AUTH_OK;
}

static enum auth_verdict
verifier_find(const struct attempt_ground *g, const struct attempt *t,
    struct arena *a, struct verifier *out)
{
	const struct auth_conf *conf = g->conf;
	struct userdb_question q = { conf->auth_user_database, t->user,
		t->service, span_of(NULL, 0) };
	enum auth_verdict got = AUTH_DENIED;
	struct span name;
	struct buf salt = BUF_EMPTY;

	*out = (struct verifier){ .true_one = false };
	for (unsigned i = 0; i < conf->module_count && got == AUTH_DENIED; i++)
		if (conf->modules[i] == MODULE_USERDB)
			got = database_ask(conf, &q, a, &out->entry);
		else if (conf->modules[i] == MODULE_MAPS)
			got = entry_judge(t, &q, &out->entry);
	out->user = q.user;
	out->true_one = got == AUTH_OK &&
	    scram_verifier_parse(out->entry.verifier, &out->v);
	if (out->true_one || got == AUTH_TROUBLE)
		return got;
	got = master_verifier(conf, t, a, out);
	if (got != AUTH_DENIED)
		return got;
	/* one salt for all spellings, as of users who are there */
	if (!local_part(conf, t->user, &name))
		name = t->user;
	exchange_nobody(g->exchanges, name,
	    (unsigned)conf->auth_scram_iterations, &salt, &out->v);
	out->v.salt = arena_span(a, buf_span(&salt));
	buf_free(&salt);
	return AUTH_OK;
}

static void
make_challenge(const struct attempt_ground *g, const struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	struct verifier found;
	struct buf text = BUF_EMPTY;

	r->verdict = verifier_find(g, t, a, &found);
	if (r->verdict != AUTH_OK)
		return;
	exchange_challenge(&text, t->password, &found.v);
	r->challenge = arena_span(a, buf_span(&text));
	buf_free(&text);
}

static void
check_proof(const struct attempt_ground *g, const struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	const struct scram_messages m = { t->scram.client_first,
		t->scram.server_first, t->scram.client_final };
	unsigned char signature[SCRAM_KEY_BYTES];
	struct verifier found;

	r->verdict = verifier_find(g, t, a, &found);
	if (r->verdict != AUTH_OK)
		return;
	if (!scram_proof_check(&found.v, &m, t->password, signature) ||
	    !found.true_one ||
	    found.master != (t->kind == ATTEMPT_MASTER_PROOF)) {
		r->verdict = AUTH_DENIED;
		return;
	}
	r->challenge =
	    arena_span(a, span_of((const char *)signature, sizeof(signature)));
	if (found.master)
		r->user = found.user;
	else
		account_fill(g->conf, a, found.user, &found.entry, r);
}

/* A name that could be taken for a fingerprint is none. */
static bool
is_name(struct span subject)
{
	for (size_t i = 0; i < subject.n; i++)
		if (number_hex_digit(span_at(subject, i)) == -1 &&
		    span_at(subject, i) != ':')
			return true;
	return false;
}

/* Whose certificate is it? AUTH_OK: user is set. */
static enum auth_verdict
certificate_find(const struct auth_conf *conf, const struct auth_certificate *c,
    struct arena *a, struct span *user)
{
	const struct span keys[] = { c->fingerprint, c->key_fingerprint,
		is_name(c->subject) ? c->subject : span_of(NULL, 0) };
	struct map_pool *pool = map_pool_new("hash", false);
	struct buf value = BUF_EMPTY;
	enum map_result got = MAP_NONE;
	struct map_list list;
	struct why why;

	why_init(&why);
	map_list_init(&list, pool, span_str(conf->login_clientcerts), MAP_FOLD);
	for (size_t i = 0; i < 3 && got == MAP_NONE; i++)
		if (keys[i].n > 0)
			got = map_list_get(&list, keys[i], false, &value, &why);
	if (got == MAP_ERROR)
		log_error("login_clientcerts: %s", why_text(&why));
	*user = arena_span(a, span_trim(buf_span(&value)));
	map_list_done(&list);
	map_pool_free(&pool);
	buf_free(&value);
	why_free(&why);
	return got == MAP_ERROR               ? AUTH_TROUBLE
	    : got == MAP_FOUND && user->n > 0 ? AUTH_OK
					      : AUTH_DENIED;
}

static void
check_certificate(const struct attempt_ground *g, struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	r->verdict = certificate_find(g->conf, &t->certificate, a, &t->user);
	if (r->verdict == AUTH_DENIED)
		r->text = SPAN("the certificate is nobody's");
	if (r->verdict != AUTH_OK)
		return;
	if (t->authzid.n > 0 && !span_eq(t->authzid, t->user)) {
		r->verdict = AUTH_DENIED;
		r->text = SPAN("acting for another user is not allowed");
		return;
	}
	r->user = t->user;
}

/* Who it is that acts for others; no account is looked for. */
static void
check_master(const struct auth_conf *conf, const struct attempt *t,
    struct arena *a, struct attempt_result *r)
{
	struct userdb_question q = { conf->auth_master_user_database, t->user,
		t->service, t->password };
	struct userdb_entry entry;

	r->verdict = userdb_ask(&q, a, &entry);
	r->text = SPAN("");
	r->user = t->user;
}

/* All, or trouble: one that is missing may be who something is denied. */
static enum auth_verdict
list_groups(const struct account *account, struct buf *out)
{
	if (users_groups(account, SESSION_GROUPS_MAX, out) == USERS_FOUND)
		return AUTH_OK;
	log_error("%s: groups cannot be listed: %s", account->name,
	    errno == E2BIG ? "there are too many" : strerror(errno));
	return AUTH_TROUBLE;
}

/* A user who is none of the system's is in none of its groups. */
static void
find_groups(const struct attempt *t, struct arena *a, struct attempt_result *r)
{
	struct buf groups = BUF_EMPTY;
	struct account account;

	switch (users_find(a, t->user, &account)) {
	case USERS_FOUND:
		r->verdict = list_groups(&account, &groups);
		r->uid = account.uid;
		r->groups = arena_span(a, buf_span(&groups));
		break;
	case USERS_UNKNOWN:
		r->verdict = AUTH_DENIED;
		break;
	case USERS_TROUBLE:
		r->verdict = AUTH_TROUBLE;
		break;
	}
	r->text = SPAN("");
	buf_free(&groups);
}

void
attempt_run(const struct attempt_ground *g, struct attempt *t, struct arena *a,
    struct attempt_result *r)
{
	switch (t->kind) {
	case ATTEMPT_PASSWORD:
	case ATTEMPT_ACCOUNT:
		try_modules(g->conf, t, a, r);
		return;
	case ATTEMPT_MASTER:
		check_master(g->conf, t, a, r);
		return;
	case ATTEMPT_CHALLENGE:
		make_challenge(g, t, a, r);
		return;
	case ATTEMPT_PROOF:
	case ATTEMPT_MASTER_PROOF:
		check_proof(g, t, a, r);
		return;
	case ATTEMPT_CERTIFICATE:
		check_certificate(g, t, a, r);
		return;
	case ATTEMPT_TOKEN:
		check_token(g, t, a, r);
		return;
	case ATTEMPT_OFFERS:
		r->verdict = userdb_has_verifier(g->conf->auth_user_database)
		    ? AUTH_OK
		    : AUTH_DENIED;
		return;
	case ATTEMPT_GROUPS:
		find_groups(t, a, r);
		return;
	}
}
