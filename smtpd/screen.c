/*
 * screen.c - before the greeting
 *
 * The first line of a greeting goes out and the rest waits: who speaks before
 * it is whole does not listen. Meanwhile lists in the DNS are asked, all at
 * once, and their weights are summed. What comes of it is told at once (drop),
 * at each RCPT (enforce), or only to the log (ignore).
 */

#include "smtpd/screen.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dns_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/loop.h"
#include "smtpd/conf.h"
#include "smtpd/dnsbl.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"

enum { SITES_MAX = 50, PASSED_MAX = 50000 };
enum action { IGNORE, ENFORCE, DROP };

struct screening {
	struct dnsbl sites[SITES_MAX];
	size_t site_count;
	enum action greet, dnsbl;
	bool spare_mynetworks;
	struct table *passed; /* addresses that waited well: int64_t until */
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

static bool
spares_mynetworks(const struct smtpd_conf *conf)
{
	struct span rest = span_str(conf->postscreen_access_list), item;
	bool spares = false;

	while (param_list_next(&rest, &item))
		if (span_is(item, "permit_mynetworks"))
			spares = true;
		else
			log_warning("postscreen_access_list: \"%.*s\" is not "
				    "available",
			    (int)item.n, item.p);
	return spares;
}

struct screening *
screening_new(const struct smtpd *smtpd, struct why *why)
{
	const struct smtpd_conf *conf = smtpd->conf;
	struct screening *s = mem_new(sizeof(*s));

	s->passed = table_new();
	s->spare_mynetworks = spares_mynetworks(conf);
	if (!action_of("postscreen_greet_action", conf->postscreen_greet_action,
		&s->greet, why) ||
	    !action_of("postscreen_dnsbl_action", conf->postscreen_dnsbl_action,
		&s->dnsbl, why) ||
	    !sites_read(s, conf, why))
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

static bool
has_passed(const struct session *s)
{
	struct table *passed = s->smtpd->screening->passed;
	int64_t *until = table_get(passed, key_of(s));

	if (until == NULL)
		return false;
	if (*until > clock_ms())
		return true;
	free(table_remove(passed, key_of(s)));
	return false;
}

static void
passes(const struct session *s)
{
	struct screening *all = s->smtpd->screening;
	int64_t *until;

	if (table_count(all->passed) >= PASSED_MAX) {
		table_free(&all->passed, free);
		all->passed = table_new();
	}
	until = mem_new(sizeof(*until));
	*until = clock_ms() + s->smtpd->conf->postscreen_greet_ttl * 1000;
	free(table_put(all->passed, key_of(s), until));
}

void
screen_free(struct screen **sp)
{
	struct screen *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
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
	reply_line(s, "521 %s %.*s", status, (int)text.n, text.p);
	session_close(s);
	s->busy = false;
	return false;
}

static bool
judge_lists(struct session *s, const struct screen *screen)
{
	struct buf text = BUF_EMPTY;
	bool on;

	if (screen->worst == NULL ||
	    screen->score < s->smtpd->conf->postscreen_dnsbl_threshold)
		return true;
	log_info("DNSBL rank %d for [%s]:%u", screen->score, s->client.addr,
	    s->client.port);
	buf_printf(&text, "Service unavailable; client [%s] blocked using %.*s",
	    s->client.addr, (int)screen->worst->domain.n,
	    screen->worst->domain.p);
	on = judge(s, s->smtpd->screening->dnsbl, "5.7.1", buf_span(&text));
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
		passes(s);
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

static bool
is_spared(const struct session *s)
{
	return s->client.trusted && s->smtpd->screening->spare_mynetworks;
}

void
screen_run(struct session *s, void (*then)(struct session *s))
{
	const struct screening *all = s->smtpd->screening;
	/* in TLS the client speaks first */
	bool greet = all->greet != IGNORE && !has_passed(s) &&
	    !s->smtpd->conf->smtpd_tls_wrappermode;
	struct screen *screen;

	if (is_spared(s) || (!greet && all->site_count == 0)) {
		then(s);
		return;
	}
	s->screen = screen = mem_new(sizeof(*screen));
	screen->s = s;
	screen->then = then;
	screen->begun = clock_ms();
	screen->waiting = greet;
	screen->timer = loop_timer_new(s->smtpd->loop, timed, screen);
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
