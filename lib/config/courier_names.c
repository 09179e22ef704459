/*
 * courier_names.c - the names that stand in Courier's files
 *
 * So that a report can tell what is honoured, what has no object here and what
 * is missing or misspelt. Sorted by name. What is missing is worth no word
 * where its value asks for nothing, as in the files that Courier ships.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "config/courier.h"

struct row {
	const char *name;
	enum courier_use use;
	const char *idle; /* values that ask for nothing; "/": an absent file */
	const char *instead; /* where Facteur has it */
};

static const struct row names[] = {
	{ "ADDRESS", COURIER_MISSING, "0", "the service column of master.cf" },
	{ "AUTH_MKHOMEDIR_SKEL", COURIER_MISSING, NULL,
	    "pam_mkhomedir in /etc/pam.d" },
	{ "COURIERTLS", COURIER_MOOT, NULL, NULL },
	{ "DEBUG_LOGIN", COURIER_MISSING, "0", "-v in master.cf" },
	{ "DEFAULTOPTIONS", COURIER_MISSING, NULL, NULL },
	{ "DEFDOMAIN", COURIER_USED, NULL, NULL },
	{ "HEADERFROM", COURIER_USED, NULL, NULL },
	{ "IMAPACCESSFILE", COURIER_MISSING, "/", NULL },
	{ "IMAPDEBUGFILE", COURIER_MISSING, NULL, NULL },
	{ "IMAPDSSLSTART", COURIER_USED, NULL, NULL },
	{ "IMAPDSTART", COURIER_USED, NULL, NULL },
	{ "IMAPDSTARTTLS", COURIER_USED, NULL, NULL },
	{ "IMAP_ACL", COURIER_USED, NULL, NULL },
	{ "IMAP_CAPABILITY", COURIER_MOOT, NULL, NULL },
	{ "IMAP_CAPABILITY_ORIG", COURIER_MOOT, NULL, NULL },
	{ "IMAP_CAPABILITY_TLS", COURIER_MOOT, NULL, NULL },
	{ "IMAP_CAPABILITY_TLS_ORIG", COURIER_MOOT, NULL, NULL },
	{ "IMAP_CHECK_ALL_FOLDERS", COURIER_MOOT, NULL, NULL },
	{ "IMAP_DISABLETHREADSORT", COURIER_MOOT, NULL, NULL },
	{ "IMAP_EMPTYTRASH", COURIER_USED, NULL, NULL },
	{ "IMAP_ENHANCEDIDLE", COURIER_MOOT, NULL, NULL },
	{ "IMAP_IDLE_TIMEOUT", COURIER_MOOT, NULL, NULL },
	{ "IMAP_ID_FIELDS", COURIER_MISSING, "0", NULL },
	{ "IMAP_KEYWORDS", COURIER_USED, NULL, NULL },
	{ "IMAP_LOG_DELETIONS", COURIER_USED, NULL, NULL },
	{ "IMAP_MAILBOX_SANITY_CHECK", COURIER_MOOT, NULL, NULL },
	{ "IMAP_MOVE_EXPUNGE_TO_TRASH", COURIER_USED, NULL, NULL },
	{ "IMAP_OBSOLETE_CLIENT", COURIER_MOOT, NULL, NULL },
	{ "IMAP_PROXY", COURIER_MISSING, "0", "imap_proxy_maps in main.cf" },
	{ "IMAP_PROXY_FOREIGN", COURIER_MOOT, NULL, NULL },
	{ "IMAP_SHAREDINDEXFILE", COURIER_MOOT, NULL, NULL },
	{ "IMAP_TLS_REQUIRED", COURIER_USED, NULL, NULL },
	{ "IMAP_TRASHFOLDERNAME", COURIER_USED, NULL, NULL },
	{ "IMAP_ULIMITD", COURIER_MOOT, NULL, NULL },
	{ "IMAP_UMASK", COURIER_USED, NULL, NULL },
	{ "IMAP_USELOCKS", COURIER_MOOT, NULL, NULL },
	{ "LDAPTLS_CACERT", COURIER_MISSING, NULL, "ldap_table(5)" },
	{ "LDAPTLS_CERT", COURIER_MISSING, NULL, "ldap_table(5)" },
	{ "LDAPTLS_KEY", COURIER_MISSING, NULL, "ldap_table(5)" },
	{ "LDAPTLS_REQCERT", COURIER_MISSING, NULL, "ldap_table(5)" },
	{ "LOGGEROPTS", COURIER_MOOT, NULL, NULL },
	{ "MAILDIRPATH", COURIER_USED, NULL, NULL },
	{ "MAXDAEMONS", COURIER_USED, NULL, NULL },
	{ "MAXPERIP", COURIER_USED, NULL, NULL },
	{ "MIME_UNICODE_MESSAGE_TYPE", COURIER_MOOT, NULL, NULL },
	{ "OUTBOX", COURIER_USED, NULL, NULL },
	{ "OUTBOX_MULTIPLE_SEND", COURIER_USED, NULL, NULL },
	{ "PIDFILE", COURIER_MOOT, NULL, NULL },
	{ "POP3AUTH", COURIER_MOOT, NULL, NULL },
	{ "POP3AUTH_ORIG", COURIER_MOOT, NULL, NULL },
	{ "POP3AUTH_TLS", COURIER_MOOT, NULL, NULL },
	{ "POP3AUTH_TLS_ORIG", COURIER_MOOT, NULL, NULL },
	{ "POP3DSSLSTART", COURIER_USED, NULL, NULL },
	{ "POP3DSTART", COURIER_USED, NULL, NULL },
	{ "POP3DSTARTTLS", COURIER_USED, NULL, NULL },
	{ "POP3_LOG_DELETIONS", COURIER_USED, NULL, NULL },
	{ "POP3_PROXY", COURIER_MISSING, "0", "pop3_proxy_maps in main.cf" },
	{ "POP3_STARTTLS", COURIER_USED, NULL, NULL },
	{ "POP3_TLS_REQUIRED", COURIER_USED, NULL, NULL },
	{ "PORT", COURIER_MISSING, "143 110",
	    "the service column of master.cf" },
	{ "PROXY_HOSTNAME", COURIER_MISSING, NULL,
	    "imap_proxy_maps in main.cf" },
	{ "SENDMAIL", COURIER_USED, NULL, NULL },
	{ "SMAP_CAPABILITY", COURIER_MISSING, NULL, NULL },
	{ "SSLADDRESS", COURIER_MISSING, "0",
	    "the service column of master.cf" },
	{ "SSLLOGGEROPTS", COURIER_MOOT, NULL, NULL },
	{ "SSLPIDFILE", COURIER_MOOT, NULL, NULL },
	{ "SSLPORT", COURIER_MISSING, "993 995",
	    "the service column of master.cf" },
	{ "TCPDOPTS", COURIER_MOOT, NULL, NULL },
	{ "TLS_CACHEFILE", COURIER_MOOT, NULL, NULL },
	{ "TLS_CACHESIZE", COURIER_MOOT, NULL, NULL },
	{ "TLS_CERTFILE", COURIER_USED, NULL, NULL },
	{ "TLS_CERTINFO", COURIER_MOOT, NULL, NULL },
	{ "TLS_CIPHER_LIST", COURIER_USED, NULL, NULL },
	{ "TLS_COMPRESSION", COURIER_MOOT, NULL, NULL },
	{ "TLS_DHCERTFILE", COURIER_MOOT, NULL, NULL },
	{ "TLS_DHPARAMS", COURIER_MOOT, NULL, NULL },
	{ "TLS_EXTERNAL", COURIER_MISSING, NULL, "login_clientcerts" },
	{ "TLS_KX_LIST", COURIER_MOOT, NULL, NULL },
	{ "TLS_MIN_DH_BITS", COURIER_MOOT, NULL, NULL },
	{ "TLS_PRIORITY", COURIER_MISSING, "NORMAL",
	    "TLS_PROTOCOL and TLS_CIPHER_LIST" },
	{ "TLS_PRIVATE_KEYFILE", COURIER_USED, NULL, NULL },
	{ "TLS_PROTOCOL", COURIER_USED, NULL, NULL },
	{ "TLS_STARTTLS_PROTOCOL", COURIER_USED, NULL, NULL },
	{ "TLS_TRUSTCERTS", COURIER_USED, NULL, NULL },
	{ "TLS_TRUSTSERVERCERTS", COURIER_MOOT, NULL, NULL },
	{ "TLS_VERIFYPEER", COURIER_USED, NULL, NULL },
	{ "authdaemonvar", COURIER_MOOT, NULL, NULL },
	{ "authmodulelist", COURIER_USED, NULL, NULL },
	{ "authmodulelistorig", COURIER_MOOT, NULL, NULL },
	{ "daemons", COURIER_MOOT, NULL, NULL },
};

static int
compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct row *)row)->name);
}

static const struct row *
find(const char *name)
{
	return bsearch(name, names, sizeof(names) / sizeof(names[0]),
	    sizeof(names[0]), compare);
}

enum courier_use
courier_use(const char *name)
{
	const struct row *row = find(name);

	return row == NULL ? COURIER_UNKNOWN : row->use;
}

bool
courier_idle(const char *name, const char *value)
{
	const struct row *row = find(name);
	struct span rest, word;

	if (value[0] == '\0')
		return true;
	if (row == NULL || row->idle == NULL)
		return false;
	if (strcmp(row->idle, "/") == 0)
		return access(value, F_OK) == -1;
	rest = span_str(row->idle);
	while (span_word(&rest, " ", &word))
		if (span_iis(word, value))
			return true;
	return false;
}

const char *
courier_instead(const char *name)
{
	const struct row *row = find(name);

	return row == NULL ? NULL : row->instead;
}
