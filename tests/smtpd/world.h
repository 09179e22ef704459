/* world.h - an smtpd in the process of the test, its services played by fakes
 *
 * The client is the other end of a socket pair; qmgr, lookup, auth, resolver
 * and connector answer over real sockets, from the same loop.
 */

#ifndef TESTS_SMTPD_WORLD_H
#define TESTS_SMTPD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "calls/auth_call.h"
#include "smtpd/conf.h"

struct smtpd;

enum { WORLD_MESSAGES = 8 };

struct world_message {
	char qid[24];
	int fd;
	bool committed, aborted;
	struct buf envelope; /* "sender=..\nrcpt=..\n" and more */
	struct buf edits;
};

struct world_row {
	const char *key, *value;
};

struct world {
	struct smtpd_conf conf;
	struct smtpd *smtpd;
	int client; /* -1: closed */
	struct buf got; /* replies that were not yet looked at */
	bool ended; /* the server closed */
	int log;

	/* how the fakes behave */
	unsigned qmgr_leaves; /* it goes when it is asked, so often */
	bool qmgr_full, qmgr_fails, qmgr_slow, lookup_dead, auth_dead;
	const struct world_row *tables; /* key: "TABLE KEY" */
	bool shows_certificate; /* the client, of tests/data/tls/ec.crt */
	bool dns_slow; /* it does not answer as yet */
	unsigned dns_asked;
	const struct world_row *names; /* key: "A name", "PTR name" */
	bool pop_seen;
	bool has_verifiers; /* auth knows of some */
	struct auth_greylist_answer grey; /* what auth says of any */
	unsigned grey_asked;
	char grey_network[64]; /* what it was last asked of */
	struct auth_greylist grey_ask; /* and with which numbers */
	/* connector: a connected descriptor for that target, or -1 */
	int (*dial)(struct span target);

	struct world_message messages[WORLD_MESSAGES];
	size_t message_count;
	struct buf flushed; /* ETRN */
	unsigned lookups;
};

/* config: lines of main.cf. */
void world_begin(struct world *w, const char *config);
void world_end(struct world *w);
/* A client connects from there ("192.0.2.9", "127.0.0.1"). The one before is
 * dropped. */
void world_connect(struct world *w, const char *address);
void world_send(struct world *w, struct span bytes);
/* Let everything happen that can. */
void world_settle(struct world *w);
/* Take one reply line off (without CRLF); "" when there is none. */
const char *world_line(struct world *w);
/* Lines "> sent" and "< beginning of an expected reply line", by LF; "<+ 250"
 * is a whole reply of many lines. "@ 192.0.2.9": another client comes, and is
 * greeted; "~ 1000": ms go by; "TLS": it begins; "* text" and "- text": the
 * last message that was taken has the text, has it not. */
void world_talk(struct world *w, const char *script);
/* What was logged so far has text in it. */
bool world_logged(struct world *w, const char *text);
void world_expect_log(struct world *w, const char *text);
/* The queue of that message lets its commit go on (qmgr_slow). */
void world_release(struct world *w);
/* Content of a message, as the file has it. */
void world_content(const struct world_message *m, struct buf *out);
/* As a reader sees it: content under its edits. */
void world_read(const struct world_message *m, struct buf *out);
/* Drop qmgr's connections, as when it dies. */
void world_qmgr_restart(struct world *w);
/* The client begins TLS (after its STARTTLS was answered, or at once); what is
 * sent and received goes through it from then on. False: no handshake. */
bool world_starttls(struct world *w);
/* A session: main.cf, the client's address, what is said (the greeting is
 * passed over unless it stands there), and what the log must have or NULL. */
struct world_session {
	const char *config, *from, *script, *logged;
};
/* From world_begin() to world_end(), with these tables and names. */
void world_play(struct world *w, const struct world_session *s,
    const struct world_row *tables, const struct world_row *names);
/* Dispatch until the given time has gone by. */
void world_run(struct world *w, unsigned ms);

#endif
