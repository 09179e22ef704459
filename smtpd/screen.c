/*
 * screen.c - before the greeting
 *
 * The first line of a greeting goes out and the rest waits: who speaks before
 * it is whole does not listen. Meanwhile lists in the DNS are asked, all at
 * once, and their weights are summed. postscreen_access_list comes before both.
 * Behind the greeting the deep tests go on until the first RCPT. What comes of
 * any of it is told at once (drop), at each RCPT (enforce), or only to the log
 * (ignore).
 */

#include "smtpd/screen.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dns_call.h"
#include "calls/lookup_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "maps/map_pool.h"
#include "os/clock.h"
#include "os/loop.h"
#include "smtpd/conf.h"
#include "smtpd/dnsbl.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"

enum { SITES_MAX = 50, ACCESS_MAX = 50, PASSED_MAX = 50000 };
enum action { IGNORE, ENFORCE, DROP };

struct screening {
	struct dnsbl sites[SITES_MAX];
	struct span shown[SITES_MAX]; /* what clients see of them */
	size_t site_count;
	enum action greet, dnsbl, denied, deep[SCREEN_DEEP_TESTS];
	/* postscreen_access_list: tables; "" is permit_mynetworks */
	const char *access[ACCESS_MAX];
	size_t access_count;
	struct table *passed; /* by address: struct passed */
};

/* Until when, on the loop's clock, a client need not be looked at again. */
struct passed {
	int64_t greet, deep[SCREEN_DEEP_TESTS];
};

struct ask {
	struct screen *screen;
	const struct dnsbl *site;
	struct channel_call *call;
};

struct screen {
	struct session *s;
	void (*then)(struct session *s);
	struct loop_timer *timer;
	size_t access_at; /* of the list, being looked at */
	struct channel_call *access;
	struct ask *asks;
	size_t ask_count, open; /* questions without an answer as yet */
	bool waiting; /* the pause before the greeting goes on */
	int64_t begun;
	int score;
	const struct dnsbl *worst; /* the site that weighs most */
};

static bool
action_of(
    const char *parameter, const char *text, enum action *out, struct why *why)
{
	static const char *const names[] = { "ignore", "enforce", "drop" };
	struct span word = span_trim(span_str(text));

	for (unsigned i = 0; i < 3; i++)
		if (span_iis(word, names[i])) {
			*out = (enum action)i;
			return true;
		}
	why_set(why, "4.3.5", "%s = %s: ignore, enforce or drop is wanted",
	    parameter, text);
	return false;
}

static bool
sites_read(struct screening *s, const struct smtpd_conf *conf, struct why *why)
{
	struct span rest = span_str(conf->postscreen_dnsbl_sites), item;

	while (param_list_next(&rest, &item)) {
		if (s->site_count == SITES_MAX) {
			why_set(why, "4.3.5",
			    "postscreen_dnsbl_sites: more than %d", SITES_MAX);
			return false;
		}
		if (!dnsbl_parse(item, true, &s->sites[s->site_count++], why))
			return false;
	}
	return true;
}

/* postscreen_dnsbl_reply_map: some names have a password in them. Looked up at
 * the start, for what no table can be asked about then must not be shown. */
static bool
names_read(struct screening *s, const struct smtpd *smtpd, struct why *why)
{
	const struct smtpd_conf *conf = smtpd->conf;
	struct map_pool *pool = map_pool_new(conf->default_database_type, true);
	struct buf value = BUF_EMPTY;
	struct map_list list;
	bool good = true;

	map_list_init(
	    &list, pool, span_str(conf->postscreen_dnsbl_reply_map), MAP_FOLD);
	for (size_t i = 0; good && i < s->site_count; i++) {
		struct span domain = s->sites[i].domain;
		enum map_result got =
		    map_list_get(&list, domain, false, &value, why);

		good = got != MAP_ERROR;
		s->shown[i] = got == MAP_FOUND
		    ? arena_span(smtpd->arena, buf_span(&value))
		    : domain;
	}
	map_list_done(&list);
	map_pool_free(&pool);
	buf_free(&value);
	return good;
}

static bool
access_read(struct screening *s, const struct smtpd *smtpd, struct why *why)
{
	struct span rest = span_str(smtpd->conf->postscreen_access_list), item;

	while (param_list_next(&rest, &item)) {
		if (s->access_count == ACCESS_MAX) {
			why_set(why, "4.3.5",
			    "postscreen_access_list: more than %d", ACCESS_MAX);
			return false;
		}
		if (span_iis(item, "permit_mynetworks")) {
			s->access[s->access_count++] = "";
		} else if (span_find(item, ':') < item.n) {
			s->access[s->access_count++] =
			    arena_span_str(smtpd->arena, item);
		} else {
			why_set(why, "4.3.5",
			    "postscreen_access_list: \"%.*s\" is neither "
			    "permit_mynetworks nor a table",
			    (int)item.n, item.p);
			return false;
		}
	}
	return true;
}

static bool
actions_read(struct screening *s, const struct smtpd_conf *c, struct why *why)
{
	struct {
		const char *parameter, *text;
		enum action *action;
	} rows[] = {
		{ "postscreen_greet_action", c->postscreen_greet_action,
		    &s->greet },
		{ "postscreen_dnsbl_action", c->postscreen_dnsbl_action,
		    &s->dnsbl },
		{ "postscreen_denylist_action", c->postscreen_denylist_action,
		    &s->denied },
		{ "postscreen_pipelining_action",
		    c->postscreen_pipelining_action,
		    &s->deep[SCREEN_PIPELINING] },
		{ "postscreen_non_smtp_command_action",
		    c->postscreen_non_smtp_command_action,
		    &s->deep[SCREEN_NON_SMTP] },
		{ "postscreen_bare_newline_action",
		    c->postscreen_bare_newline_action,
		    &s->deep[SCREEN_BARE_NEWLINE] },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!action_of(
			rows[i].parameter, rows[i].text, rows[i].action, why))
			return false;
	return true;
}

struct screening *
screening_new(const struct smtpd *smtpd, struct why *why)
{
	const struct smtpd_conf *conf = smtpd->conf;
	struct screening *s = mem_new(sizeof(*s));

	s->passed = table_new();
	if (!actions_read(s, conf, why) || !access_read(s, smtpd, why) ||
	    !sites_read(s, conf, why) || !names_read(s, smtpd, why))
		screening_free(&s);
	return s;
}

void
screening_free(struct screening **s)
{
	if (*s == NULL)
		return;
	table_free(&(*s)->passed, free);
	free(*s);
	*s = NULL;
}

static struct span
key_of(const struct session *s)
{
	return span_of(s->client.bytes, s->client.bytes_n);
}

static const struct passed *
passed_of(const struct session *s)
{
	static const struct passed never;
	const struct passed *p =
	    table_get(s->smtpd->screening->passed, key_of(s));

	return p == NULL ? &never : p;
}

/* The entry to write to. */
static struct passed *
passed_make(const struct session *s)
{
	struct screening *all = s->smtpd->screening;
	struct passed *p = table_get(all->passed, key_of(s));

	if (p != NULL)
		return p;
	if (table_count(all->passed) >= PASSED_MAX) {
		table_free(&all->passed, free);
		all->passed = table_new();
	}
	p = mem_new(sizeof(*p));
	(void)table_put(all->passed, key_of(s), p);
	return p;
}

void
screen_free(struct screen **sp)
{
	struct screen *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	channel_cancel(&s->access);
	for (size_t i = 0; i < s->ask_count; i++)
		channel_cancel(&s->asks[i].call);
	loop_timer_free(&s->timer);
	free(s->asks);
	free(s);
}

/* The client is not wanted: now, later, or it is only said. */
static bool
judge(
    struct session *s, enum action action, const char *status, struct span text)
{
	struct refusal *r = &s->screened;

	if (action == IGNORE)
		return true;
	r->code = action == DROP ? 521 : 550;
	memcpy(r->status, status, strlen(status) + 1);
	buf_clear(&r->text);
	buf_add_span(&r->text, text);
	if (action != DROP)
		return true;
	reply_last(s, 521, status, text);
	return false;
}

static bool
judge_lists(struct session *s, const struct screen *screen)
{
	const struct screening *all = s->smtpd->screening;
	struct buf text = BUF_EMPTY;
	struct span name;
	bool on;

	if (screen->worst == NULL ||
	    screen->score < s->smtpd->conf->postscreen_dnsbl_threshold)
		return true;
	log_info("DNSBL rank %d for [%s]:%u", screen->score, s->client.addr,
	    s->client.port);
	name = all->shown[screen->worst - all->sites];
	buf_printf(&text, "Service unavailable; client [%s] blocked using %.*s",
	    s->client.addr, (int)name.n, name.p);
	on = judge(s, all->dnsbl, "5.7.1", buf_span(&text));
	buf_free(&text);
	return on;
}

static void
finish(struct session *s)
{
	struct screen *screen = s->screen;
	void (*then)(struct session *) = screen->then;
	bool on;

	s->screen = NULL;
	s->reading = READ_COMMAND;
	s->busy = true;
	s->deadline_ms = 0;
	s->dnsbl_rank = screen->score;
	on = judge_lists(s, screen);
	screen_free(&screen);
	if (on)
		then(s);
}

/* Liked well enough to be let in without the pause? */
static bool
well_known(const struct screen *screen)
{
	int enough =
	    screen->s->smtpd->conf->postscreen_dnsbl_allowlist_threshold;

	return enough < 0 && screen->score <= enough;
}

static void
look(struct session *s)
{
	const struct screen *screen = s->screen;

	if (screen->open == 0 && (!screen->waiting || well_known(screen)))
		finish(s);
}

static void
timed(void *arg)
{
	struct screen *screen = arg;
	struct session *s = screen->s;

	if (screen->waiting) {
		screen->waiting = false;
		passed_make(s)->greet =
		    clock_ms() + s->smtpd->conf->postscreen_greet_ttl * 1000;
		look(s);
		if (s->screen != NULL)
			loop_timer_set(screen->timer,
			    s->smtpd->conf->postscreen_dnsbl_timeout * 1000);
	} else {
		finish(s); /* without those that do not answer */
	}
	session_run(s);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct ask *ask = arg;
	struct screen *screen = ask->screen;
	struct session *s = screen->s;
	struct arena *a = arena_new();
	struct dns_answer answer = { .result = DNS_TROUBLE };
	bool counts = false;

	ask->call = NULL;
	screen->open--;
	if (in != NULL && dns_answer_get(in, a, DNS_A, &answer))
		for (size_t i = 0; i < answer.count; i++)
			counts = counts ||
			    dnsbl_counts(ask->site, answer.records[i].data);
	arena_free(&a);
	if (counts) {
		screen->score += ask->site->weight;
		if (screen->worst == NULL ||
		    screen->worst->weight < ask->site->weight)
			screen->worst = ask->site;
	}
	look(s);
	session_run(s);
}

static void
ask_all(struct screen *screen)
{
	struct session *s = screen->s;
	const struct screening *all = s->smtpd->screening;
	struct buf name = BUF_EMPTY;

	screen->asks = mem_array(all->site_count + 1, sizeof(*screen->asks));
	for (size_t i = 0; i < all->site_count; i++) {
		struct ask *ask = &screen->asks[screen->ask_count];
		struct packet_out o = { .fd_count = 0 };

		buf_clear(&name);
		if (!dnsbl_address_put(&name, &all->sites[i], key_of(s)))
			continue;
		ask->screen = screen;
		ask->site = &all->sites[i];
		dns_ask_put(&o, buf_span(&name), DNS_A);
		ask->call = channel_ask(s->smtpd->resolver, &o, answered, ask);
		packet_done(&o);
		screen->ask_count++;
	}
	screen->open = screen->ask_count;
	buf_free(&name);
}

/* Half a greeting. */
static void
tease(struct session *s)
{
	const char *banner = s->smtpd->conf->postscreen_greet_banner;

	if (banner[0] != '\0')
		reply_line(s, "220-%s", banner);
}

void
screen_talked(struct session *s)
{
	struct span in = conn_input(s->conn);
	struct buf text = BUF_EMPTY;
	struct screen *screen = s->screen;

	log_quote(&text, span_head(in, 100), 100);
	log_info("PREGREET %zu after %.2g from [%s]:%u: %s", in.n,
	    (double)(clock_ms() - screen->begun) / 1000, s->client.addr,
	    s->client.port, buf_str(&text));
	buf_free(&text);
	s->reading = READ_COMMAND;
	s->busy = true;
	if (!judge(
		s, s->smtpd->screening->greet, "5.5.1", SPAN("Protocol error")))
		return;
	screen->waiting = false;
	loop_timer_set(
	    screen->timer, s->smtpd->conf->postscreen_dnsbl_timeout * 1000);
	look(s);
}

/* ---- behind the greeting */

static bool
deep_wanted(const struct smtpd_conf *conf, enum screen_deep which)
{
	switch (which) {
	case SCREEN_PIPELINING:
		return conf->postscreen_pipelining_enable;
	case SCREEN_NON_SMTP:
		return conf->postscreen_non_smtp_command_enable;
	case SCREEN_BARE_NEWLINE:
		return conf->postscreen_bare_newline_enable;
	case SCREEN_DEEP_TESTS:
		break;
	}
	return false;
}

/* What this client is still to be watched for. */
static void
deep_begin(struct session *s)
{
	const struct passed *passed = passed_of(s);

	for (unsigned i = 0; i < SCREEN_DEEP_TESTS; i++)
		if (deep_wanted(s->smtpd->conf, i) &&
		    passed->deep[i] <= clock_ms())
			s->watched |= 1U << i;
}

bool
screen_watches(const struct session *s, enum screen_deep which)
{
	return (s->watched & 1U << which) != 0;
}

/* The first line of it; of AUTH, no more than that it is one. */
static struct span
shown(struct span what)
{
	struct span line = span_head(what, span_find(what, '\n'));

	return span_head(line, span_istarts(line, "AUTH") ? 4 : 100);
}

bool
screen_caught(struct session *s, enum screen_deep which, struct span what)
{
	static const struct {
		const char *logged, *status, *text;
	} rows[SCREEN_DEEP_TESTS] = {
		[SCREEN_PIPELINING] = { "COMMAND PIPELINING", "5.5.1",
		    "Protocol error" },
		[SCREEN_NON_SMTP] = { "NON-SMTP COMMAND", "5.7.0",
		    "Error: I can break rules, too. Goodbye." },
		[SCREEN_BARE_NEWLINE] = { "BARE NEWLINE", "5.5.1",
		    "Protocol error" },
	};
	enum action action = s->smtpd->screening->deep[which];
	struct buf text = BUF_EMPTY;

	s->watched &= ~(1U << which);
	s->caught |= 1U << which;
	log_quote(&text, shown(what), 100);
	log_info("%s from [%s]:%u after %s: %s", rows[which].logged,
	    s->client.addr, s->client.port, s->where, buf_str(&text));
	buf_free(&text);
	return action == DROP
	    ? judge(s, action, rows[which].status, span_str(rows[which].text))
	    : judge(s, action, "5.5.1", SPAN("Protocol error"));
}

bool
screen_refuses(const struct session *s)
{
	return s->caught != 0 && s->screened.code != 0 &&
	    s->sasl_username == NULL;
}

void
screen_done(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	const int64_t ttl[SCREEN_DEEP_TESTS] = {
		[SCREEN_PIPELINING] = conf->postscreen_pipelining_ttl,
		[SCREEN_NON_SMTP] = conf->postscreen_non_smtp_command_ttl,
		[SCREEN_BARE_NEWLINE] = conf->postscreen_bare_newline_ttl,
	};

	for (unsigned i = 0; i < SCREEN_DEEP_TESTS; i++)
		if (screen_watches(s, i))
			passed_make(s)->deep[i] = clock_ms() + ttl[i] * 1000;
	if (s->caught == 0 && s->screened.code == 0)
		log_info("PASS NEW [%s]:%u", s->client.addr, s->client.port);
	s->watched = 0;
}

/* ---- the beginning */

static void
wait_or_greet(struct session *s)
{
	const struct screening *all = s->smtpd->screening;
	/* in TLS the client speaks first */
	bool greet = all->greet != IGNORE &&
	    passed_of(s)->greet <= clock_ms() &&
	    !s->smtpd->conf->smtpd_tls_wrappermode;
	struct screen *screen = s->screen;

	deep_begin(s);
	screen->waiting = greet;
	if (greet || all->site_count > 0)
		loop_timer_set(screen->timer,
		    1000 *
			(greet ? s->smtpd->conf->postscreen_greet_wait
			       : s->smtpd->conf->postscreen_dnsbl_timeout));
	ask_all(screen);
	if (greet) {
		tease(s);
		s->reading = READ_SCREEN;
		s->busy = false;
	}
	look(s);
}

/* Nobody looks at this client. */
static void
spare(struct session *s)
{
	struct screen *screen = s->screen;
	void (*then)(struct session *) = screen->then;

	s->screen = NULL;
	screen_free(&screen);
	then(s);
}

static void
denied(struct session *s)
{
	log_info("DENYLISTED [%s]:%u", s->client.addr, s->client.port);
	if (judge(s, s->smtpd->screening->denied, "5.3.2",
		SPAN("Service currently unavailable")))
		wait_or_greet(s);
}

static void access_go(struct session *s);

static void
access_answered(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct screen *screen = s->screen;
	const char *table = s->smtpd->screening->access[screen->access_at++];
	struct span value = SPAN("");
	bool found = false;
	struct why why;

	screen->access = NULL;
	why_init(&why);
	if (in == NULL || !lookup_value_get(in, &found, &value, &why) ||
	    (!found && why.outcome != DONE))
		log_warning("%s: postscreen_access_list: %s does not answer",
		    s->client.label, table);
	why_free(&why);
	value = span_trim(value);
	if (found && span_iis(value, "permit")) {
		log_info("ALLOWLISTED [%s]:%u", s->client.addr, s->client.port);
		spare(s);
	} else if (found && span_iis(value, "reject")) {
		denied(s);
	} else {
		if (found && !span_iis(value, "dunno"))
			log_warning("%s: \"%.*s\": permit, reject or dunno is "
				    "wanted",
			    table, (int)value.n, value.p);
		access_go(s);
	}
	session_run(s);
}

/* The rest of postscreen_access_list. */
static void
access_go(struct session *s)
{
	const struct screening *all = s->smtpd->screening;
	struct screen *screen = s->screen;

	for (; screen->access_at < all->access_count; screen->access_at++) {
		const char *table = all->access[screen->access_at];
		struct packet_out o = { .fd_count = 0 };

		if (table[0] != '\0') {
			lookup_map_put(
			    &o, span_str(table), span_str(s->client.addr));
			screen->access = channel_ask(
			    s->smtpd->lookup, &o, access_answered, s);
			packet_done(&o);
			return;
		}
		if (s->client.trusted) {
			spare(s);
			return;
		}
	}
	wait_or_greet(s);
}

/* Is there anything that a stranger could be looked at for? */
static bool
is_idle(const struct smtpd *smtpd)
{
	const struct screening *all = smtpd->screening;
	bool tables = false;

	for (size_t i = 0; i < all->access_count; i++)
		tables = tables || all->access[i][0] != '\0';
	return !tables && all->greet == IGNORE && all->site_count == 0 &&
	    !smtpd->conf->postscreen_pipelining_enable &&
	    !smtpd->conf->postscreen_non_smtp_command_enable &&
	    !smtpd->conf->postscreen_bare_newline_enable;
}

void
screen_run(struct session *s, void (*then)(struct session *s))
{
	struct screen *screen;

	if (is_idle(s->smtpd)) {
		then(s);
		return;
	}
	s->screen = screen = mem_new(sizeof(*screen));
	screen->s = s;
	screen->then = then;
	screen->begun = clock_ms();
	screen->timer = loop_timer_new(s->smtpd->loop, timed, screen);
	access_go(s);
}
