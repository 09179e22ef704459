/*
 * local.c - local names that no alias has: accounts, and what is done without
 *
 * mailbox_transport takes all local mail, fallback_transport and luser_relay
 * that of unknown users. RFC 5321, 4.5.1: postmaster is always there; where no
 * alias has it, root is who reads it.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "config/param.h"
#include "config/probe_sender.h"
#include "message/address.h"
#include "os/clock.h"
#include "os/users.h"
#include "os/users_recent.h"
#include "route/internal.h"

/* The name asked for, without quotes and in lower case. */
struct name {
	struct span whole, user, ext; /* ext without its delimiter */
};

static void
name_of(struct job *j, const struct route_address *address, struct name *out)
{
	struct buf plain = BUF_EMPTY;
	struct span ext;
	char *p;

	address_unquote(&plain, address->local);
	p = arena_span_str(j->arena, buf_span(&plain));
	for (size_t i = 0; i < plain.n; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
	out->whole = span_of(p, plain.n);
	out->user = out->whole;
	out->ext = SPAN("");
	if (split_extension(j, out->whole, &out->user, &ext))
		out->ext = span_skip(ext, 1);
	buf_free(&plain);
}

/* An account of the whole name, or of it without the extension. */
static enum job_result
find_account(struct job *j, const struct name *name, struct account *who)
{
	enum users_result got =
	    users_recent_find(j->route->users, j->arena, name->whole, who);

	if (got == USERS_UNKNOWN && name->user.n < name->whole.n)
		got = users_recent_find(
		    j->route->users, j->arena, name->user, who);
	switch (got) {
	case USERS_FOUND:
		seen_account(j, who->name, who->home);
		return JOB_YES;
	case USERS_UNKNOWN:
		return JOB_NO;
	case USERS_TROUBLE:
		break;
	}
	why_set(j->why, "4.3.0", "the user database did not answer for %.*s",
	    (int)name->whole.n, name->whole.p);
	return JOB_TROUBLE;
}

struct route_setting {
	const char *parameter, *value;
};

/* A transport by user, or for all. */
static enum job_result
other_transport(struct job *j, struct map_list *by_user,
    const struct route_setting *all, const struct name *name, struct span *out)
{
	struct found f;
	enum job_result got = find_key(j, by_user, name->user, false, &f);

	if (got == JOB_YES && f.value.n > 0)
		*out = f.value;
	else if (got == JOB_TROUBLE)
		return got;
	else
		*out = span_str(all->value);
	if (out->n > 0 && got == JOB_NO)
		seen_setting(j, all->parameter, *out);
	return out->n > 0 ? JOB_YES : JOB_NO;
}

static void
answer_transport(struct job *j, const struct route_address *address,
    struct span transport, struct lookup_route *out)
{
	struct lookup_target t = { .kind = ROUTE_DELIVER,
		.address = address->whole };

	transport_parse(transport, address->domain, &t);
	answer_one(j, out, &t);
}

static void
answer_address(struct job *j, struct span text, struct lookup_route *out)
{
	struct route_address address;
	struct lookup_target t = { .kind = ROUTE_DELIVER };

	route_rewrite(j->route->conf, j->arena, text, &address);
	t.address = address.whole;
	answer_one(j, out, &t);
	out->expanded = out->local = true;
}

/* What $name of luser_relay stands for; false: main.cf knows it. */
static bool
relay_word(struct span word, const struct name *name,
    const struct route_address *address, struct span *out)
{
	const struct {
		const char *word;
		struct span value;
	} words[] = {
		{ "local", name->whole },
		{ "user", name->user },
		{ "extension", name->ext },
		{ "domain", address->domain },
		{ "recipient", address->whole },
		{ "home", SPAN("") }, /* of a user who is not there */
		{ "shell", SPAN("") },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_is(word, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	return false;
}

/* Length of "$word", "${word}" or "$(word)" at the front of s, or 0. */
static size_t
relay_variable(struct span s, struct span *word)
{
	int open = span_at(s, 1);
	size_t n = 1;

	if (span_at(s, 0) != '$')
		return 0;
	if (open == '{' || open == '(') {
		n = span_find(s, open == '{' ? '}' : ')');
		*word = span_skip(span_head(s, n), 2);
		return n < s.n ? n + 1 : 0;
	}
	while (ascii_alnum(span_at(s, n)) || span_at(s, n) == '_')
		n++;
	*word = span_skip(span_head(s, n), 1);
	return n > 1 ? n : 0;
}

/* luser_relay with the words of this address put in; a '$' that came from
 * outside stays one. main.cf then expands the rest. */
static enum job_result
relay_text(struct job *j, const struct name *name,
    const struct route_address *address, struct buf *out)
{
	struct span rest = span_str(j->route->conf->luser_relay), word, value;
	struct buf half = BUF_EMPTY;
	bool good;

	while (rest.n > 0) {
		size_t n = relay_variable(rest, &word);

		if (n == 0 || !relay_word(word, name, address, &value)) {
			n = n == 0 ? 1 : n;
			buf_add_span(&half, span_head(rest, n));
		} else {
			for (size_t i = 0; i < value.n; i++)
				buf_add_str(&half,
				    value.p[i] == '$'
					? "$$"
					: (char[]){ value.p[i], '\0' });
		}
		rest = span_skip(rest, n);
	}
	good = main_cf_expand(j->route->main_cf, buf_span(&half), out, j->why);
	buf_free(&half);
	return good ? JOB_YES : JOB_TROUBLE;
}

/* Not again for the name that luser_relay itself gave. */
static enum job_result
to_luser_relay(struct job *j, const struct name *name,
    const struct route_address *address, struct lookup_route *out)
{
	struct buf text = BUF_EMPTY;
	struct route_address relay;
	struct name relay_name;
	enum job_result got = relay_text(j, name, address, &text);

	if (got == JOB_YES) {
		route_rewrite(
		    j->route->conf, j->arena, buf_span(&text), &relay);
		name_of(j, &relay, &relay_name);
		if (text.n == 0 ||
		    (span_eq(relay_name.user, name->user) &&
			span_ieq(relay.domain, address->domain)))
			got = JOB_NO;
		else {
			seen_setting(j, "luser_relay", buf_span(&text));
			answer_address(j, relay.whole, out);
		}
	}
	buf_free(&text);
	return got;
}

static enum job_result
unknown(struct job *j, const struct name *name,
    const struct route_address *address, struct lookup_route *out)
{
	const struct route_conf *conf = j->route->conf;
	struct span transport;
	enum job_result got;

	got = other_transport(j, &j->route->fallback_transport,
	    &(struct route_setting){
		"fallback_transport", conf->fallback_transport },
	    name, &transport);
	if (got == JOB_YES)
		answer_transport(j, address, transport, out);
	else if (got == JOB_NO)
		got = to_luser_relay(j, name, address, out);
	if (got != JOB_NO)
		return got;
	if (span_is(name->user, "mailer-daemon")) {
		answer_address(j, SPAN("postmaster"), out);
		return JOB_YES;
	}
	if (span_is(name->user, "postmaster")) {
		answer_address(j, SPAN("root"), out);
		return JOB_YES;
	}
	why_set(j->why, "5.1.1", "unknown user: \"%.*s\"", (int)name->whole.n,
	    name->whole.p);
	return JOB_REFUSED;
}

/* Failed reports of failures, and what comes back to a probe: nobody is there
 * to read of it. */
static bool
is_double_bounce(struct job *j, const struct name *name)
{
	const struct route_conf *c = j->route->conf;

	return span_iis(name->whole, c->double_bounce_sender) ||
	    probe_sender_is(name->whole, span_str(c->address_verify_sender),
		c->address_verify_sender_ttl, clock_wall());
}

static void
answer_account(struct job *j, const struct route_address *address,
    const struct account *who, struct lookup_route *out)
{
	struct lookup_target t = { .kind = ROUTE_DELIVER,
		.address = address->whole,
		.user = span_str(who->name) };

	transport_parse(
	    span_str(j->ways->local_transport), address->domain, &t);
	t.transport = SPAN("local");
	answer_one(j, out, &t);
}

enum job_result
deliver_local(struct job *j, const struct route_address *address,
    struct lookup_route *out)
{
	struct span transport;
	struct account who;
	struct name name;
	enum job_result got;

	name_of(j, address, &name);
	if (is_double_bounce(j, &name)) {
		answer_transport(j, address,
		    SPAN("discard:undeliverable postmaster notification "
			 "discarded"),
		    out);
		return JOB_YES;
	}
	got = other_transport(j, &j->route->mailbox_transport,
	    &(struct route_setting){
		"mailbox_transport", j->route->conf->mailbox_transport },
	    &name, &transport);
	if (got == JOB_YES)
		answer_transport(j, address, transport, out);
	if (got != JOB_NO)
		return got;
	got = find_account(j, &name, &who);
	if (got == JOB_YES)
		answer_account(j, address, &who, out);
	return got == JOB_NO ? unknown(j, &name, address, out) : got;
}
