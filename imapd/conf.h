/* conf.h - what imapd takes from main.cf */

#ifndef IMAPD_CONF_H
#define IMAPD_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct imap_conf;
struct param;
struct why;

/* As the parameters are called. */
struct imapd_conf {
	const char *myhostname, *myorigin;
	const char *imap_prefix, *imap_separator, *imap_folder_encoding;
	bool imap_prefix_optional;
	int64_t imap_idle_timeout, imap_park_after;
	uint64_t imap_append_limit;
	int64_t imap_message_limit;
	bool imap_acl;
	const char *imap_shared_namespace;
	const char *imap_metadata_admin;
	int64_t imap_metadata_entries;
	uint64_t imap_metadata_limit;
	const char *index_directory;
	const char *imap_first_folders;
	const char *mailbox_quota;
	bool mailbox_quota_trash;
};

extern const struct param *const imapd_params;

/* Values as the session wants them; strings are conf's. False: why says what
 * cannot be. */
bool imapd_conf_take(
    const struct imapd_conf *conf, struct imap_conf *out, struct why *why);

#endif
