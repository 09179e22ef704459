/* conf.c - what imapd takes from main.cf */

#include "imapd/conf.h"

#include <stddef.h>
#include <string.h>

#include "base/utf8.h"
#include "base/why.h"
#include "config/param.h"
#include "imapd/session.h"

enum { PROGRESS_MS = 10000 };

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct imapd_conf, field)

static const struct param rows[] = {
	{ P(STR, myhostname), "", "name given in the greeting" },
	{ P(STR, myorigin), "$myhostname",
	    "domain of the sender of mail that is put into the outbox" },
	{ P(STR, imap_prefix), "INBOX.",
	    "what all names of folders but INBOX begin with; may be empty" },
	{ P(STR, imap_separator), ".", "between the parts of a folder's name" },
	{ P(STR, imap_folder_encoding), "auto",
	    "of folders' names on disk: auto, utf-8 or utf-7" },
	{ P(BOOL, imap_prefix_optional), "yes",
	    "folders have names without the prefix too" },
	{ P(TIME, imap_idle_timeout), "30m", "how long a client may be silent",
	    .min = 60, .max = 86400 },
	{ P(TIME, imap_park_after), "1m",
	    "how long a client is silent, or waits in IDLE, before login keeps "
	    "it without a process; 0: never",
	    .max = 86400 },
	{ P(BYTES, imap_append_limit), "0",
	    "largest message that APPEND takes; 0: no limit" },
	{ P(INT, imap_message_limit), "0",
	    "messages that one command works on; 0: no limit", .max = 1000000 },
	{ P(STR, index_directory), "",
	    "folder that indexes of mailboxes lie in; empty: the mailboxes" },
	{ P(STR, imap_first_folders), "Drafts, Sent, Trash, Junk",
	    "folders that are made and subscribed at a user's first login" },
	{ P(BOOL, imap_acl), "yes",
	    "lists of rights count, and can be seen and changed (ACL)" },
	{ P(STR, imap_shared_namespace), "#shared",
	    "what other users' folders lie in; empty: they are not reached" },
	{ P(STR, imap_metadata_admin), "",
	    "URI by which the administrator is reached; may be empty" },
	{ P(INT, imap_metadata_entries), "100", "METADATA entries of a folder",
	    .min = 10, .max = 1000 },
	{ P(BYTES, imap_metadata_limit), "16384",
	    "octets of one METADATA value", .min = 1024, .max = 65536 },
	{ P(STR, mailbox_quota), "",
	    "what a user's mail may take: 10000000S,1000C; empty: what the "
	    "maildirsize of the user says" },
	{ P(BOOL, mailbox_quota_trash), "yes",
	    "folder Trash and deleted mail count for the quota" },
	{ .name = NULL },
};

const struct param *const imapd_params = rows;

static bool
encoding_take(struct span word, enum folder_encoding *out)
{
	if (span_iis(word, "auto"))
		*out = FOLDER_AUTO;
	else if (span_iis(word, "utf-8"))
		*out = FOLDER_UTF8;
	else if (span_iis(word, "utf-7"))
		*out = FOLDER_UTF7;
	else
		return false;
	return true;
}

/* A prefix ends in the separator, or folders would seem to be something else's
 * continuation. */
static bool
names_take(
    const struct imapd_conf *conf, struct folder_conf *out, struct why *why)
{
	struct span separator = span_str(conf->imap_separator);
	struct span prefix = span_str(conf->imap_prefix);

	if (!span_is(separator, ".") && !span_is(separator, "/")) {
		why_set(why, "4.3.5", "imap_separator is %s; it must be . or /",
		    conf->imap_separator);
		return false;
	}
	if (prefix.n > 0 && !span_ends(prefix, conf->imap_separator)) {
		why_set(why, "4.3.5",
		    "imap_prefix is %s; it must end in imap_separator (%s)",
		    conf->imap_prefix, conf->imap_separator);
		return false;
	}
	out->prefix = conf->imap_prefix;
	out->separator = separator.p[0];
	out->alias = conf->imap_prefix_optional;
	if (encoding_take(span_str(conf->imap_folder_encoding), &out->encoding))
		return true;
	why_set(why, "4.3.5",
	    "imap_folder_encoding is %s; it must be auto, utf-8 or utf-7",
	    conf->imap_folder_encoding);
	return false;
}

/* One part of a name, which none of the user's own can begin with. */
static bool
shared_take(
    const struct imapd_conf *conf, struct imap_conf *out, struct why *why)
{
	struct span name = span_str(conf->imap_shared_namespace);
	bool good = utf8_valid(name) && !span_iis(name, "INBOX");

	for (size_t i = 0; i < name.n; i++)
		good = good && !ascii_control(span_at(name, i)) &&
		    strchr("%*/.\\\"", name.p[i]) == NULL;
	out->shared = conf->imap_shared_namespace;
	if (!good)
		why_set(why, "4.3.5",
		    "imap_shared_namespace is %s; it must be one part of a "
		    "name, such as #shared",
		    conf->imap_shared_namespace);
	return good;
}

bool
imapd_conf_take(
    const struct imapd_conf *conf, struct imap_conf *out, struct why *why)
{
	if (!names_take(conf, &out->folders, why))
		return false;
	out->quota.trash_free = !conf->mailbox_quota_trash;
	if (!quota_parse(span_str(conf->mailbox_quota), &out->quota)) {
		why_set(why, "4.3.5",
		    "mailbox_quota is %s; wanted is 10000000S,1000C",
		    conf->mailbox_quota);
		return false;
	}
	out->idle_ms = conf->imap_idle_timeout * 1000;
	out->park_ms = conf->imap_park_after * 1000;
	out->progress_ms = PROGRESS_MS;
	out->message_most = (uint64_t)conf->imap_message_limit;
	if (!shared_take(conf, out, why))
		return false;
	out->acl = conf->imap_acl;
	out->metadata_bytes = conf->imap_metadata_limit;
	out->metadata_most = (size_t)conf->imap_metadata_entries;
	out->metadata_admin = conf->imap_metadata_admin;
	out->append_most = conf->imap_append_limit;
	out->indexes = conf->index_directory;
	if (*out->indexes != '\0' && *out->indexes != '/') {
		why_set(why, "4.3.5",
		    "index_directory is %s; it must begin with /",
		    out->indexes);
		return false;
	}
	out->first_folders = conf->imap_first_folders;
	out->hello = conf->myhostname;
	out->origin = conf->myorigin;
	return true;
}
