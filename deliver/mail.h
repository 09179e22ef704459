/* mail.h - one message for one recipient, as a child of deliver handles it */

#ifndef DELIVER_MAIL_H
#define DELIVER_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct absent;
struct account;
struct agent_cache;
struct arena;
struct deliver_conf;
struct delivery_rcpt;
struct delivery_request;
struct edited;
struct pipe_table;
struct sieve_shelf;
struct stat;
struct store_piece;
struct vars;
struct why;

/* What a child is for, and keeps from one message to the next. */
struct place {
	const struct deliver_conf *conf;
	const struct account *user;
	/* Named by its numbers ("/uid=1,gid=2"): it has no groups but its own,
	 * and no home. */
	bool alone;
	const struct pipe_table *pipes;
	bool *at_home; /* is the user's home the working directory? */
	bool *begun; /* programs that may not have been waited for */
	struct stat *cwd; /* what that was, when it was entered */
	int parent; /* the socket */
	struct agent_cache *cache;
	struct sieve_shelf *scripts;
	struct absent *absent;
	/* The Maildir of the message before, open, or NULL. */
	struct maildir **kept;
	/* For the present message: the path of a virtual mailbox, the user's
	 * own mailbox_command; or NULL. */
	char *task;
};

struct mail {
	const struct place *place;
	struct arena *arena;
	const struct delivery_request *request;
	const struct delivery_rcpt *to;
	struct edited *message;
	size_t told; /* fields at its top that tell of the way it came */
	struct span local, extension, domain; /* of the final address */
	uint64_t box_limit; /* of a mailbox file; 0: none */
	const char *from; /* "From sender  date", without a newline */
	/* Return-Path, X-Original-To, and Delivered-To where
	 * prepend_delivered_header has "file"; the same for "command" */
	struct span trace, trace_command;
	/* addresses that a Sieve script sends it on to */
	struct span *redirects;
	size_t redirect_count;
};

/* NULL, why: the message cannot be read (DEFER). All lives in a; mail_close()
 * gives descriptors back. */
struct mail *mail_open(const struct place *p, struct arena *a,
    const struct delivery_request *r, struct why *why);
void mail_close(struct mail *m);

/* head, then the message: count pieces, in the mail's arena. */
struct store_piece *
mail_pieces(struct mail *m, struct span head, size_t *count);
/* Append the whole of it: the From line when from, head, the message. */
bool mail_read(struct mail *m, bool from, struct span head, struct buf *out);
/* Has the message been here before, as its Delivered-To fields tell? */
bool mail_loops(struct mail *m);
/* The same for those who sent it on to this recipient: who that is, or empty.
 * In the mail's arena. */
struct span mail_came_back(struct mail *m);
uint64_t mail_size(const struct mail *m);

enum { TRACE_RETURN_PATH = 1, TRACE_ORIGINAL_TO = 2, TRACE_DELIVERED_TO = 4 };

/* Append these fields, each with its LF. */
void mail_trace(const struct mail *m, unsigned fields, struct buf *out);
/* PATH and what export_environment names: for every command. */
struct vars *mail_exported(const struct mail *m);
/* The environment of users' commands: USER, EXTENSION, SENDER and the like,
 * with bytes that a shell might take for more than text replaced. */
struct vars *mail_environment(const struct mail *m);
/* What stands for $name in forward_path: user, home, extension and the like;
 * false: it has no value. */
bool mail_name(const struct mail *m, struct span name, struct span *out);

#endif
