/* trace.h - facteur trace: what would become of mail for an address */

#ifndef TOOLS_FACTEUR_TRACE_H
#define TOOLS_FACTEUR_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "ipc/packet.h"
#include "tools/facteur/say.h"

struct arena;
struct lookup_target;
struct map_pool;
struct master_cf;
struct tool;

/* One explanation, shared by its parts. */
struct trace {
	const struct tool *tool;
	struct say say;
	struct arena *arena;
	struct map_pool *pool;
	const struct master_cf *services; /* NULL: master.cf is ill-formed */
	bool running; /* the mail system */
	bool root;
	const char *address, *sender, *client, *name, *helo, *user, *service;
};

/* The command's words behind "trace"; its exit code. EX_USAGE: they make no
 * sense, and nothing was printed. */
int trace_main(const struct tool *tool, bool running, int argc, char **argv);

/* Ask service as program does, by the socket in its jail; the answer is to be
 * ended with packet_in_done() whatever comes. False: nobody is there, or the
 * socket is not ours to use. */
bool trace_ask(const struct trace *t, const char *program, const char *service,
    struct packet_out *o, struct packet_in *in);

/* way.c: rewriting, expansion, transports, mailboxes. */
void way_show(struct trace *t);

/* lists.c: the members of a list that belongs to user (an :include:, a
 * ~/.forward), read with his rights. */
enum list_result {
	LIST_READ,
	LIST_ABSENT,
	LIST_REFUSED, /* it is not used for delivery; reason says why */
	LIST_UNREADABLE /* for us; reason says why */
};
enum list_result list_read(struct trace *t, const char *path, struct span user,
    struct span *text, const char **reason);

/* next.c: who takes what goes to that transport. */
void next_show(struct trace *t, const struct lookup_target *target);

/* gate.c: what smtpd says to the client. */
void gate_show(struct trace *t);

#endif
