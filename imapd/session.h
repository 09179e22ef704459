/* session.h - one authenticated IMAP client, from the greeting to the end */

#ifndef IMAPD_SESSION_H
#define IMAPD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"
#include "mailbox/acl.h"
#include "mailbox/folder.h"
#include "mailbox/quota.h"
#include "os/stream.h"

struct arena;
struct body;
struct body_sink;
struct context;
struct imap_flags;
struct notify;
struct sort_orders;
struct thread_kept;
struct tree;
struct view;
struct visits;
struct why;

/* IMAP_EMPTYTRASH: what has lain in that folder for so long is removed. */
struct imap_purge {
	struct span name;
	int64_t seconds;
};
enum { IMAP_PURGES_MAX = 16 };

struct imap_conf {
	struct folder_conf folders;
	struct quota_limit quota;
	int64_t idle_ms; /* until a silent client is sent away */
	int64_t park_ms; /* until it is left to login; 0: never */
	int64_t progress_ms; /* between words of a long search; 0: none */
	uint64_t message_most; /* messages of one command; 0: no limit */
	uint64_t metadata_bytes; /* of one value */
	size_t metadata_most; /* entries of a folder */
	const char *metadata_admin; /* a URI, or empty */
	uint64_t append_most; /* octets of one APPEND; 0: no limit */
	mode_t more; /* bits for new files: tree_allow() (IMAP_UMASK) */
	const char *indexes; /* tree_keep_indexes() */
	/* Folders of a user who never logged in, "Drafts, Sent"; NULL: none */
	const char *first_folders;
	const char *hello; /* host name */
	bool acl; /* lists of rights count (RFC 4314) */
	const char *shared; /* what other users' folders lie in; empty: none */
	/* Of trash.c. */
	const char *trash;
	bool to_trash;
	/* Of outbox.c: the folder's directory, or NULL. */
	const char *outbox;
	const char *sendmail, *outbox_header, *origin;
	bool outbox_many;
	bool log_deletions; /* IMAP_LOG_DELETIONS */
	bool no_keywords; /* clients set none (IMAP_KEYWORDS) */
	struct imap_purge purges[IMAP_PURGES_MAX];
	size_t purge_count;
};

/* Who is served, and how it began. */
struct imap_start {
	const struct imap_conf *conf;
	struct span user;
	const char *mail; /* the Maildir's path */
	struct span quota; /* of this user alone; empty: what conf says */
	struct span client_addr;
	unsigned client_port;
	struct span tag; /* of the LOGIN to be answered; empty: PREAUTH */
	struct span input; /* what the client has sent behind it */
	/* Of park_call.h: the socket to login, or -1; who we are; and where an
	 * earlier imapd left off, or empty. */
	int park;
	int held; /* what counts the session, or -1 */
	int watch; /* of inotify, from an earlier imapd; taken; or -1 */
	struct span pass, state;
	struct span visitor, groups; /* of guest.h; empty: the user himself */
	int sender; /* of sender.h, or -1 */
	bool direct; /* in is the client itself, no relay stands before it */
	bool again; /* a further page of the webmail: no housekeeping */
	int in, out;
	struct stream_control control;
};

/* Serve until the client goes. Logs LOGIN and LOGOUT. 0, or 1 when the mail
 * cannot be opened. */
int imapd_session(const struct imap_start *start);

/* --- for the commands --- */

enum session_state {
	STATE_AUTH = 1, /* authenticated, no folder selected */
	STATE_SELECTED = 2,
	STATE_LOGOUT = 4
};

enum {
	ENABLED_CONDSTORE = 1,
	ENABLED_UTF8 = 2, /* UTF8=ACCEPT */
	ENABLED_REV2 = 4, /* IMAP4rev2 */
	ENABLED_QRESYNC = 8,
	ENABLED_UIDONLY = 16 /* no message numbers, in either direction */
};

struct session {
	const struct imap_conf *conf;
	const struct imap_start *start;
	struct stream *io;
	enum session_state state;
	unsigned enabled;
	struct tree *tree;
	struct quota_limit quota; /* configured, or that of maildirsize */
	struct acl_who who;
	struct buf base; /* of shared.h: what a guest calls INBOX */
	struct visits *visits; /* of visit.c; NULL: none yet */
	bool no_share; /* login is not to be asked about shares again */
	int acl_names; /* of rights.c, or -1 */
	bool acl_names_tried;
	struct view *view; /* selected, or NULL */
	int spare_watch; /* of watch.h */
	unsigned rights; /* to what is selected, as it was opened */
	struct buf selected; /* its name, UTF-8 */
	size_t told_exists, told_keywords;
	uint32_t *saved; /* of saved.c: UIDs, rising */
	size_t saved_count;
	struct notify *notify; /* of notify.c; NULL: NOTIFY was never given */
	struct context *contexts; /* of context.c */
	struct sort_orders *orders; /* of sort.c */
	struct thread_kept *threads; /* of cmd_thread.c */
	struct body_sink *sink; /* of body.c: where a section goes, or NULL */
	struct body *body; /* of body.c: the message looked at last */
	struct target_kept *target; /* of target.c */
	struct buf fields; /* of recall.c */
	struct buf line; /* the command as it came */
	struct span tag; /* of the command under way */
	bool uid; /* it was given with UID before it */
	bool acts; /* what is told is its own doing */
	struct arena *a; /* memory of the command */
	bool told_bye;
	bool parked; /* login has it: no word, no line in the log */
	bool no_park; /* login is not to be asked again */
	int64_t began; /* clock_wall() */
	int64_t started_ms; /* this process's part; clock_ms() */
	uint64_t header_bytes, body_bytes; /* sent of messages, for the log */
	uint64_t rcvd_before, sent_before; /* by processes before this one */
};

/* A command: args stands behind its name, with the blank before the first
 * argument and the line's end. */
typedef void command_fn(struct session *s, struct span args);

/* Every command of the table in commands.c. */
command_fn cmd_append, cmd_cancelupdate, cmd_capability, cmd_check, cmd_close,
    cmd_compress, cmd_copy, cmd_create, cmd_delete, cmd_deleteacl, cmd_enable,
    cmd_esearch, cmd_examine, cmd_expunge, cmd_fetch, cmd_getacl,
    cmd_getmetadata, cmd_getquota, cmd_getquotaroot, cmd_id, cmd_idle, cmd_list,
    cmd_listrights, cmd_logout, cmd_lsub, cmd_move, cmd_myrights, cmd_namespace,
    cmd_noop, cmd_notify, cmd_rename, cmd_replace, cmd_search, cmd_select,
    cmd_setacl, cmd_setmetadata, cmd_setquota, cmd_sort, cmd_status, cmd_store,
    cmd_thread, cmd_subscribe, cmd_unauthenticate, cmd_unselect,
    cmd_unsubscribe;

/* Nothing is left of the arguments. False: BAD was answered. */
bool session_args_end(struct session *s, struct span args);
/* imap_flag_list(), without the keywords where there are to be none. */
bool session_flag_list(
    struct session *s, struct span *args, bool bare, struct imap_flags *out);
/* An IDLE that was begun in another process. */
void idle_resume(struct session *s, int64_t until);
/* A session that waits for input longer than this is sent away. */
int64_t session_deadline(const struct session *s);
/* Wait for more input, as stream_wait() without a second descriptor; a client
 * that was too slow, or must go since we stop, is told. */
enum stream_result session_more(struct session *s, int64_t until);
/* stream_wait() of a session that has nothing to do: what it kept to be quick
 * is given back after a while. */
enum stream_result session_wait(struct session *s, int wake, int64_t until);
/* The row of a command that may be used, or NULL. */
struct command {
	const char *name;
	command_fn *run;
	unsigned states; /* STATE_ bits; elsewhere the dispatcher says BAD */
	bool with_uid; /* may follow UID */
	bool expunges; /* EXPUNGE may be told at its end */
	bool acts; /* changes what NOTIFY tells, or what is selected */
};
const struct command *command_find(struct span name);

#endif
