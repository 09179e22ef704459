/* run.h - one message through a Sieve script: what is to be done with it
 *
 * Nothing is done here: the caller gets a list of actions, in the order in
 * which the script asked for them. A script that fails gives one, keep.
 */

#ifndef SIEVE_RUN_H
#define SIEVE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct sieve_node;
struct sieve_script;

struct sieve_message {
	struct span text; /* header, empty line, body; no "From " line */
	struct span from, to; /* of the envelope; from empty: null sender */
	int64_t now;
	const char *delimiters; /* recipient_delimiter */
	const char *host, *domain; /* of this machine */
};

/* Seen at this message: to be remembered once it is delivered (RFC 7352). */
struct sieve_mark {
	struct span key; /* any bytes */
	int64_t seconds;
};

struct sieve_action;

struct sieve_vacation {
	int64_t period; /* seconds; -1: not given */
	struct span text, subject, from;
	struct span handle; /* :handle, or what makes the answer different */
	const struct span *addresses;
	size_t address_count;
	bool mime; /* text is a MIME entity */
	/* where a copy of the answer goes (RFC 8580), as for fileinto; NULL:
	 * nowhere */
	const struct sieve_action *fcc;
};

struct sieve_action {
	enum {
		SIEVE_KEEP,
		SIEVE_FILEINTO,
		SIEVE_REDIRECT,
		SIEVE_REJECT,
		SIEVE_VACATION
	} kind;
	int line;
	struct span text; /* folder, address, reason */
	/* The header as the script has changed it; the message goes on at
	 * tail. p NULL: it is unchanged (RFC 5293). */
	struct span head;
	size_t tail;
	bool create; /* the folder is to be made */
	struct span use; /* the folder for that goes before (RFC 8579) */
	const struct span *flags; /* IMAP's, of keep and fileinto */
	size_t flag_count;
	struct sieve_vacation vacation;
};

struct sieve_result {
	struct sieve_action *actions; /* none: the message is discarded */
	size_t count;
	const struct sieve_mark *marks;
	size_t mark_count;
	bool trouble; /* it failed for a reason that may pass */
	struct span in; /* the included script that failed; empty: none */
	int line; /* where it failed */
	const char *what; /* why; NULL: it did not fail */
};

enum sieve_included {
	SIEVE_INCLUDED,
	SIEVE_MISSING,
	SIEVE_BROKEN, /* it has errors, or is not the owner's */
	SIEVE_TROUBLE
};

/* The caller's side; members may be NULL. */
struct sieve_ops {
	void *ctx;
	/* Is there a folder of that name? NULL: none is. */
	bool (*mailbox_exists)(void *ctx, struct span name);
	/* Has the folder that use, "\\Junk"; name empty: has any folder?
	 * NULL: none has. */
	bool (*special_use)(void *ctx, struct span name, struct span use);
	/* The script of that (valid) name, *out without errors; the same name
	 * gives the same script during a run. NULL: there are none. */
	enum sieve_included (*include)(void *ctx, struct span name, bool global,
	    const struct sieve_script **out);
	/* Was that key marked, and is it still remembered? NULL: never. */
	bool (*seen)(void *ctx, struct span key);
	/* Is the time of the run over? NULL: never. */
	bool (*late)(void *ctx);
	/* A test was made (holds says how it ended), a command is next; in the
	 * included script of that name, or (empty) the first. */
	void (*event)(
	    void *ctx, struct span in, const struct sieve_node *n, bool holds);
};

/* s must be without errors. *out lives in a. False: it failed, out says why and
 * keeps the message. */
bool sieve_run(const struct sieve_script *s, struct arena *a,
    const struct sieve_message *m, const struct sieve_ops *ops,
    struct sieve_result *out);

#endif
