/*
 * roles.c - what master knows of each program
 *
 * This table is the map of the house: a caller that does not stand in a row
 * has no socket of it in its jail. docs/SECURITY.md says why for each.
 */

#include "master/roles.h"

#include <string.h>

#include "master/conf.h"

const struct role roles[] = {
	{ "smtpd", "mta", AS_NET, JAIL_OWN, ROLE_AHEAD | ROLE_STREAM, { NULL },
	    { NULL } },
	{ "qmgr", "mta", AS_OWNER, JAIL_SPOOL, ROLE_AHEAD | ROLE_ONLY,
	    { "smtpd", "pickup", "bounce", "verify" }, { "showq", "flush" } },
	{ "pickup", "mta", AS_OWNER, JAIL_SPOOL, ROLE_ONLY | ROLE_AHEAD,
	    { "sts" }, { NULL } },
	{ "bounce", "mta", AS_OWNER, JAIL_OWN, 0, { "qmgr", "smtpd", "smtp" },
	    { NULL } },
	{ "verify", "mta", AS_OWNER, JAIL_NONE, ROLE_ONLY, { "smtpd", "qmgr" },
	    { NULL } },
	{ "smtp", "mta", AS_NET, JAIL_OWN, 0, { "qmgr" }, { NULL } },
	{ "lookup", "mta", AS_MAP, JAIL_NONE, 0,
	    { "smtpd", "qmgr", "pickup", "smtp", "auth", "deliver" },
	    { NULL } },
	{ "resolver", "mta", AS_DNS, JAIL_OWN, 0,
	    { "smtpd", "smtp", "lookup", "connector", "sts" }, { NULL } },
	{ "keys", "mta", AS_KEY, JAIL_OWN, 0,
	    { "smtpd", "smtp", "login", "pickup" }, { NULL } },
	{ "connector", "mta", AS_DIAL, JAIL_NONE, 0,
	    { "smtpd", "lookup", "auth", "login", "smtp", "pickup", "bounce" },
	    { NULL } },
	{ "sts", "mta", AS_NET, JAIL_OWN, ROLE_ONLY, { "smtp" }, { NULL } },
	{ "dbmap", "mta", AS_DIAL, JAIL_NONE, ROLE_FORKS, { "lookup" },
	    { NULL } },
	{ "deliver", "deliver", AS_ROOT, JAIL_NONE, 0, { "qmgr" }, { NULL } },
	{ "auth", "auth", AS_ROOT, JAIL_NONE, ROLE_ONLY, { "smtpd", "login" },
	    { NULL } },
	{ "login", "imap", AS_LOGIN, JAIL_OWN, ROLE_AHEAD, { NULL }, { NULL } },
	{ "imapd", "imap", AS_ROOT, JAIL_NONE, ROLE_FORKS | ROLE_AHEAD,
	    { "auth" }, { NULL } },
	{ "managesieve", "imap", AS_ROOT, JAIL_NONE, ROLE_FORKS | ROLE_AHEAD,
	    { "auth" }, { NULL } },
	{ "pop3d", "pop3", AS_ROOT, JAIL_NONE, ROLE_FORKS | ROLE_AHEAD,
	    { "auth" }, { NULL } },
};

const size_t role_count = sizeof(roles) / sizeof(roles[0]);

/* sts: policies that are to be renewed, reports that are to be sent. */
bool
role_looks_for_work(const struct role *r, const struct master_conf *c)
{
	return strcmp(r->program, "sts") != 0 || c->smtp_mta_sts_enable ||
	    c->smtp_tlsrpt_enable;
}

const struct role *
role_find(const char *program)
{
	for (size_t i = 0; i < role_count; i++)
		if (strcmp(roles[i].program, program) == 0)
			return &roles[i];
	return NULL;
}

const char *
role_account_name(enum role_account account)
{
	static const char *const names[ROLE_ACCOUNTS] = {
		[AS_NET] = "_facteur-net",
		[AS_LOGIN] = "_facteur-login",
		[AS_MAP] = "_facteur-map",
		[AS_DNS] = "_facteur-dns",
		[AS_KEY] = "_facteur-key",
		[AS_DIAL] = "_facteur-dial",
	};

	return names[account];
}
