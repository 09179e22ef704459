/*
 * exists.c - is there such a recipient? smtpd asks at RCPT
 *
 * Each class has its table of recipients; an empty one takes all. An address
 * that another table replaces is taken for one that is there. The words are
 * Postfix's.
 */

#include "base/why.h"
#include "config/probe_sender.h"
#include "os/clock.h"
#include "route/internal.h"

static enum job_result
unknown(struct job *j, const char *table)
{
	bool say = j->route->conf->show_user_unknown_table_name;

	why_set(j->why, "5.1.1", "User unknown%s%s", say ? " in " : "",
	    say ? table : "");
	return JOB_REFUSED;
}

static enum job_result
listed(struct job *j, struct map_list *list,
    const struct route_address *address, const char *table)
{
	struct found f;
	enum job_result got;

	if (list->count == 0)
		return JOB_YES;
	got = find_address(j, list, address, &f);
	return got == JOB_NO ? unknown(j, table) : got;
}

/* The bare name first: it is what accounts and aliases are kept by, and to ask
 * the account database for a whole address makes it look everywhere. */
static enum job_result
listed_locally(struct job *j, const struct route_address *address)
{
	struct map_list *list = &j->route->local_recipient;
	enum job_result got = JOB_NO;
	struct found f;

	if (list->count > 0)
		got = find_key(j, list, address->local, true, &f);
	return got != JOB_NO
	    ? got
	    : listed(j, list, address, "local recipient table");
}

/* Postmaster, double-bounce and who sends probes are there whatever the tables
 * say. */
static bool
required(struct job *j, const struct route_address *address)
{
	const struct route_conf *c = j->route->conf;

	return span_iis(address->local, "postmaster") ||
	    span_iis(address->local, c->double_bounce_sender) ||
	    probe_sender_is(address->local, span_str(c->address_verify_sender),
		c->address_verify_sender_ttl, clock_wall());
}

enum job_result
recipient_exists(
    struct job *j, const struct route_address *address, enum lookup_class class)
{
	struct route *r = j->route;

	switch (class) {
	case CLASS_LOCAL:
		if (required(j, address))
			break;
		return listed_locally(j, address);
	case CLASS_VIRTUAL_ALIAS:
		return unknown(j, "virtual alias table");
	case CLASS_VIRTUAL_MAILBOX:
		return listed(
		    j, &r->virtual_mailbox, address, "virtual mailbox table");
	case CLASS_RELAY:
		return listed(
		    j, &r->relay_recipient, address, "relay recipient table");
	case CLASS_OTHER:
		break;
	}
	return JOB_YES;
}
