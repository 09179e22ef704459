/* fakes.c - qmgr, lookup, auth, resolver and connector of the tests' world */

#include "tests/smtpd/fakes.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/checks_call.h"
#include "calls/clean_call.h"
#include "calls/dial_call.h"
#include "calls/dns_call.h"
#include "calls/lookup_call.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "ipc/server.h"
#include "os/sock.h"
#include "tests/smtpd/world.h"

static struct {
	struct world *w;
	struct server_peer *waiting; /* a commit that is held back */
	uint32_t waiting_id;
} it;

static void
say(struct server_peer *p, struct packet_out *o)
{
	server_reply(p, o);
	packet_done(o);
}

static struct world_message *
message_find(struct span qid)
{
	for (size_t i = 0; i < it.w->message_count; i++)
		if (span_is(qid, it.w->messages[i].qid))
			return &it.w->messages[i];
	return NULL;
}

static void
queue_new(struct server_peer *p, struct packet_in *in)
{
	struct world_message *m;
	struct packet_out o = { .fd_count = 0 };
	struct why why;

	ck_assert(queue_new_get(in));
	why_init(&why);
	if (it.w->qmgr_full || it.w->message_count == WORLD_MESSAGES) {
		why_set(&why, "4.3.1", "Insufficient system storage");
		queue_file_put(&o, in->id, span_of("", 0), -1, &why);
	} else {
		m = &it.w->messages[it.w->message_count++];
		snprintf(m->qid, sizeof(m->qid), "ABC%zu", it.w->message_count);
		m->fd = memfd_create("message", MFD_CLOEXEC);
		queue_file_put(&o, in->id, span_str(m->qid), m->fd, &why);
	}
	say(p, &o);
	why_free(&why);
}

static void
rcpts_keep(struct world_message *m, const struct queue_rcpt *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(&m->envelope, "rcpt=%.*s%s\n", (int)r[i].address.n,
		    r[i].address.p,
		    r[i].notify == NOTIFY_NEVER ? " NEVER" : "");
}

static void
queue_done(struct server_peer *p, uint32_t id)
{
	struct packet_out o = { .fd_count = 0 };
	struct why why;

	why_init(&why);
	if (it.w->qmgr_fails)
		why_set(&why, "4.3.0", "queue file write error");
	queue_done_put(&o, id, &why);
	say(p, &o);
	why_free(&why);
}

static void
queue_commit(struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct queue_envelope e;
	struct world_message *m;

	ck_assert(queue_commit_get(in, a, &e));
	m = message_find(e.qid);
	ck_assert_ptr_nonnull(m);
	ck_assert(!m->committed);
	m->committed = true;
	rcpts_keep(m, e.rcpts, e.rcpt_count);
	buf_printf(&m->envelope,
	    "sender=%.*s\nsize=%llu\ncrc=%u\nid=%.*s\nclient=%.*s[%.*s]\n"
	    "helo=%.*s\nproto=%.*s\nsasl=%.*s/%.*s\nflags=%u\n",
	    (int)e.sender.n, e.sender.p, (unsigned long long)e.size, e.crc,
	    (int)e.message_id.n, e.message_id.p, (int)e.client_name.n,
	    e.client_name.p, (int)e.client_addr.n, e.client_addr.p,
	    (int)e.helo.n, e.helo.p, (int)e.proto.n, e.proto.p,
	    (int)e.sasl_method.n, e.sasl_method.p, (int)e.sasl_username.n,
	    e.sasl_username.p, e.flags);
	if (e.filter.n > 0)
		buf_printf(
		    &m->envelope, "filter=%.*s\n", (int)e.filter.n, e.filter.p);
	if (e.verp.n > 0)
		buf_printf(
		    &m->envelope, "verp=%.*s\n", (int)e.verp.n, e.verp.p);
	if (e.release > 0)
		buf_printf(
		    &m->envelope, "hold=%.*s\n", (int)e.hold.n, e.hold.p);
	buf_add_span(&m->edits, e.edits);
	if (it.w->qmgr_slow) {
		it.waiting = server_peer_hold(p);
		it.waiting_id = in->id;
	} else {
		queue_done(p, in->id);
	}
	arena_free(&a);
}

static void
flush(struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct span qid, site;
	struct why why;

	ck_assert(showq_flush_get(in, &qid, &site));
	ck_assert_uint_eq(qid.n, 0);
	buf_add_span(&it.w->flushed, site);
	why_init(&why);
	if (it.w->qmgr_fails)
		why_set(&why, "4.3.0", "no");
	showq_done_put(&o, in->id, 1, &why);
	say(p, &o);
	why_free(&why);
}

static void
qmgr_asked(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	const struct queue_rcpt *r;
	struct span qid;
	size_t n;

	(void)arg;
	if (span_is(in->call, "queue_new") && it.w->qmgr_leaves > 0) {
		it.w->qmgr_leaves--;
		server_refuse(p, in);
	} else if (span_is(in->call, "queue_new")) {
		queue_new(p, in);
	} else if (span_is(in->call, "queue_commit")) {
		queue_commit(p, in);
	} else if (span_is(in->call, "flush")) {
		flush(p, in);
	} else if (span_is(in->call, "queue_rcpts")) {
		ck_assert(queue_rcpts_get(in, a, &qid, &r, &n));
		rcpts_keep(message_find(qid), r, n);
	} else {
		ck_assert(queue_abort_get(in, &qid));
		ck_assert(!message_find(qid)->committed);
		message_find(qid)->aborted = true;
	}
	arena_free(&a);
}

static const char *
row_find(const struct world_row *rows, const char *key)
{
	for (; rows != NULL && rows->key != NULL; rows++)
		if (strcmp(rows->key, key) == 0)
			return rows->value;
	return NULL;
}

static void
map_asked(struct server_peer *p, struct packet_in *in)
{
	struct span table, key;
	struct packet_out o = { .fd_count = 0 };
	struct buf both = BUF_EMPTY;
	const char *value;
	struct why why;

	ck_assert(lookup_map_get(in, &table, &key));
	buf_printf(
	    &both, "%.*s %.*s", (int)table.n, table.p, (int)key.n, key.p);
	value = row_find(it.w->tables, buf_str(&both));
	why_init(&why);
	if (value != NULL && strcmp(value, "(trouble)") == 0)
		why_set(&why, "4.3.0", "the table is on fire");
	lookup_value_put(&o, in->id, value != NULL && why.outcome == DONE,
	    span_str(value), &why);
	say(p, &o);
	why_free(&why);
	buf_free(&both);
}

/* Tables of checks: each line by itself. */
static void
lines_asked(struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf both = BUF_EMPTY;
	struct span table, lines, line;
	const char *value;
	uint32_t done = 0;
	struct why why;

	ck_assert(checks_lines_get(in, &table, &lines));
	why_init(&why);
	checks_hits_begin(&o, in->id);
	lines = span_head(lines, lines.n - 1);
	while (why.outcome == DONE && span_cut(&lines, '\0', &line)) {
		buf_clear(&both);
		buf_printf(&both, "%.*s %.*s", (int)table.n, table.p,
		    (int)line.n, line.p);
		value = row_find(it.w->tables, buf_str(&both));
		if (value != NULL && strcmp(value, "(trouble)") == 0)
			why_set(&why, "4.3.0", "the table is on fire");
		else if (value != NULL)
			ck_assert(checks_hit_add(&o, done, span_str(value)));
		done += why.outcome == DONE;
	}
	checks_hits_end(&o, done, &why);
	say(p, &o);
	why_free(&why);
	buf_free(&both);
}

/* here.test has user and postmaster; virtual.test only aliases, boxes.test
 * boxes; relay.test is somebody else's for whom we take mail, and has all but
 * nobody; trouble.test does not answer. */
static void
rcpt_asked(struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct lookup_route r = { .class = CLASS_OTHER };
	struct lookup_rcpt_request q;

	ck_assert(lookup_rcpt_get(in, &q));
	ck_assert(q.verify_only);
	why_init(&r.why);
	if (span_ends(q.address, "@here.test") ||
	    span_find(q.address, '@') == q.address.n) {
		r.class = CLASS_LOCAL;
		if (!span_starts(q.address, "user") &&
		    !span_istarts(q.address, "postmaster"))
			why_set(&r.why, "5.1.1", "User unknown");
	} else if (span_ends(q.address, "@virtual.test")) {
		r.class = CLASS_VIRTUAL_ALIAS;
		why_set(&r.why, "5.1.1", "User unknown");
	} else if (span_ends(q.address, "@moved.test")) {
		r.class = CLASS_RELAY;
		why_set(&r.why, "5.1.6", "User has moved to elsewhere");
	} else if (span_ends(q.address, "@trouble.test")) {
		why_set(&r.why, "4.3.0", "a map is on fire");
	} else if (span_ends(q.address, "@boxes.test")) {
		r.class = CLASS_VIRTUAL_MAILBOX;
		why_set(&r.why, "5.1.1", "User unknown");
	} else if (span_ends(q.address, "@relay.test")) {
		r.class = CLASS_RELAY;
		if (span_starts(q.address, "nobody"))
			why_set(&r.why, "5.1.1", "User unknown");
	}
	lookup_route_put(&o, in->id, &r);
	say(p, &o);
	why_free(&r.why);
}

/* A field that says "me" is completed; one that says "burns" is trouble. */
static void
clean_asked(struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct clean_edit edit = { .text = SPAN("FROM: me@here.test\n") };
	struct clean_answer answer = { .edits = &edit };
	struct arena *a = arena_new();
	struct clean_request q;

	ck_assert(clean_get(in, a, &q));
	why_init(&answer.why);
	answer.sender = q.sender;
	for (size_t i = 0; i < q.field_count; i++) {
		if (span_is(q.fields[i].value, " burns"))
			why_set(&answer.why, "4.3.0", "a map is on fire");
		if (!span_is(q.fields[i].value, " me"))
			continue;
		edit.number = q.fields[i].number;
		answer.edit_count = 1;
	}
	cleaned_put(&o, in->id, &answer);
	say(p, &o);
	why_free(&answer.why);
	arena_free(&a);
}

static void
lookup_asked(void *arg, struct server_peer *p, struct packet_in *in)
{
	(void)arg;
	it.w->lookups++;
	if (it.w->lookup_dead)
		server_refuse(p, in);
	else if (span_is(in->call, "lookup_clean"))
		clean_asked(p, in);
	else if (span_is(in->call, "lookup_map"))
		map_asked(p, in);
	else if (span_is(in->call, "lookup_lines"))
		lines_asked(p, in);
	else
		rcpt_asked(p, in);
}

/* The user is RFC 7677's; whoever is called "broken" has no luck. */
static void
scram_challenge(
    struct packet_out *o, uint32_t id, const struct auth_scram_ask *ask)
{
	struct buf text = BUF_EMPTY;
	struct auth_challenge c = { .seal = SPAN("seal") };

	buf_add_str(&text, "r=");
	buf_add_span(&text, ask->nonce);
	buf_add_str(&text,
	    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
	    "i=4096");
	c.server_first = buf_span(&text);
	c.verdict = span_is(ask->user, "broken") ? AUTH_TROUBLE : AUTH_OK;
	auth_challenge_put(o, id, &c);
	buf_free(&text);
}

static void
auth_check_judge(struct packet_in *in, struct auth_user *u)
{
	struct auth_check c;

	ck_assert(auth_check_get(in, &c));
	ck_assert(span_is(c.service, "smtp"));
	if (c.proof == PROOF_SCRAM) {
		ck_assert(span_is(c.scram.seal, "seal"));
		u->verdict = AUTH_OK;
		u->user = c.user;
		u->signature = SPAN("signed");
	} else if (c.proof == PROOF_EXTERNAL) {
		if (c.certificate.fingerprint.n > 0 &&
		    c.certificate.key_fingerprint.n > 0 &&
		    (c.authzid.n == 0 || span_is(c.authzid, "bearer"))) {
			u->verdict = AUTH_OK;
			u->user = SPAN("bearer");
		}
	} else if (span_is(c.user, "user@realm.test") &&
	    span_is(c.secret, "marker-pass")) {
		u->verdict = AUTH_OK;
		u->user = SPAN("realmuser");
	} else if (span_is(c.user, "user") &&
	    span_is(c.secret, "marker-pass")) {
		u->verdict = AUTH_OK;
		u->user = SPAN("user");
	} else if (span_is(c.user, "late")) {
		u->verdict = AUTH_EXPIRED;
		u->text = SPAN("account expired");
	} else if (span_is(c.user, "broken")) {
		u->verdict = AUTH_TROUBLE;
	}
}

static void
auth_asked(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_user u = {
		.verdict = AUTH_DENIED, .user = { "", 0 }, .text = { "", 0 }
	};
	struct auth_scram_ask ask;
	struct auth_greylist grey;
	struct span address;

	(void)arg;
	if (it.w->auth_dead) {
		server_refuse(p, in);
		return;
	}
	if (auth_pbs_get(in, &address)) {
		auth_pbs_answer_put(&o, in->id, it.w->pop_seen);
		say(p, &o);
		return;
	}
	if (auth_offers_get(in)) {
		auth_offers_answer_put(&o, in->id, it.w->has_verifiers);
		say(p, &o);
		return;
	}
	if (auth_greylist_get(in, &grey)) {
		snprintf(it.w->grey_network, sizeof(it.w->grey_network), "%.*s",
		    (int)grey.network.n, grey.network.p);
		ck_assert(span_starts(grey.triple, it.w->grey_network));
		it.w->grey_ask = grey;
		it.w->grey_asked++;
		auth_greylist_answer_put(&o, in->id, &it.w->grey);
		say(p, &o);
		return;
	}
	if (auth_scram_get(in, &ask)) {
		ck_assert(span_is(ask.service, "smtp"));
		scram_challenge(&o, in->id, &ask);
		say(p, &o);
		return;
	}
	auth_check_judge(in, &u);
	auth_user_put(&o, in->id, &u);
	say(p, &o);
}

static void
resolver_asked(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct dns_record record = { .preference = 0 };
	struct dns_answer answer = { .result = DNS_NXDOMAIN,
		.name = { "", 0 } };
	struct buf key = BUF_EMPTY;
	const char *value;
	struct address a;
	enum dns_type type;
	struct span name;

	(void)arg;
	ck_assert(dns_ask_get(in, &name, &type, NULL));
	it.w->dns_asked++;
	if (it.w->dns_slow)
		return;
	buf_printf(&key, "%s %.*s", dns_type_name(type), (int)name.n, name.p);
	value = row_find(it.w->names, buf_str(&key));
	if (value != NULL && strcmp(value, "(none)") == 0)
		answer.result = DNS_NODATA;
	else if (value != NULL && strcmp(value, "(trouble)") == 0)
		answer.result = DNS_TROUBLE;
	else if (value != NULL) {
		record.data = span_str(value);
		if ((type == DNS_A || type == DNS_AAAA) &&
		    address_parse(record.data, 0, &a))
			record.data = address_bytes(&a);
		record.preference = type == DNS_MX ? 10 : 0;
		answer.result = DNS_FOUND;
		answer.name = name;
		answer.ttl = 60;
		answer.count = 1;
		answer.records = &record;
	}
	dns_answer_put(&o, in->id, type, &answer);
	say(p, &o);
	buf_free(&key);
}

static void
dial_asked(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct span target;
	struct why why;
	int fd;

	(void)arg;
	ck_assert(dial_get(in, &target));
	fd = it.w->dial == NULL ? -1 : it.w->dial(target);
	why_init(&why);
	if (fd == -1)
		why_set(&why, "4.4.1", "connect to %.*s: Connection refused",
		    (int)target.n, target.p);
	dial_answer_put(&o, in->id, fd, &why);
	say(p, &o);
	if (fd != -1)
		close(fd);
	why_free(&why);
}

const struct server_calls fakes[FAKES] = {
	{ qmgr_asked, NULL },
	{ lookup_asked, NULL },
	{ auth_asked, NULL },
	{ resolver_asked, NULL },
	{ dial_asked, NULL },
};

void
fakes_begin(struct world *w)
{
	it.w = w;
	it.waiting = NULL;
}

void
fakes_end(void)
{
	server_peer_drop(&it.waiting);
}

bool
fakes_hold(void)
{
	return it.waiting != NULL;
}

void
fakes_release(void)
{
	struct server_peer *p = it.waiting;

	it.waiting = NULL;
	queue_done(p, it.waiting_id);
	server_peer_drop(&p);
}
