/* service.h - the skeleton of every daemon that master starts
 *
 * main() fills a struct service and calls service_main(), which: takes the
 * start packet from master (descriptor 3), opens the log (descriptor 4), reads
 * main.cf with the row's -o overrides into conf, calls before_jail while still
 * root, enters the jail, drops to the row's user, sets no_new_privs and limits,
 * enters the sandbox profile, and serves. Any step that fails ends the process.
 */

#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "os/sandbox.h"

struct channel;
struct loop;
struct main_cf;
struct packet_in;
struct param;
struct sandbox;

/* One descriptor that listens, as master opened and labelled it. */
struct service_listener {
	int fd;
	bool inet; /* TCP; else SOCK_SEQPACKET (SOCK_STREAM when stream) */
	bool stream;
	/* Who may connect here: a program's name ("smtpd"), "public", or the
	 * address for inet ("127.0.0.1:25"). */
	const char *label;
};

struct service {
	const char *program; /* "smtpd" */
	/* The log's ident behind syslog_name and '/': "local" for deliver; NULL
	 * is program. With plain_ident it stands alone ("imapd"). */
	const char *ident;
	bool plain_ident;
	const struct param *params; /* may be NULL */
	void *conf; /* filled from params */
	/* Still root, not in the jail: open what needs rights. */
	void (*before_jail)(void);
	enum sandbox_profile profile;
	/* Keep the groups that the account is in: it reaches others' sockets
	 * by them. Only where there is no jail. */
	bool with_groups;
	/* Stay root and outside any jail (auth, deliver, imapd,
	 * pop3d, managesieve). */
	bool stay_root;
	/* Event-driven: set up and return; the skeleton runs the loop. */
	void (*serve_many)(void);
	/* Or: a process is forked for each client, which serves it, blocking,
	 * and ends with it: see nursery.h. profile is what it may enter. */
	int (*serve_one)(struct packet_in *in);
	/* Asked to end gracefully (reload, stop): accept no more, and call
	 * service_exit() when the last session is done. NULL: end at once. */
	void (*drain)(void);
	/* The row's wakeup time has come (event-driven services only): look
	 * for work that nobody tells of. NULL: there is none. */
	void (*wake)(void);
};

int service_main(const struct service *s, int argc, char **argv);

/* For the code of the daemon; all valid from before_jail on. */
struct loop *service_loop(void);
const struct main_cf *service_main_cf(void);
const char *service_name(void); /* master.cf's first column: "submission" */
const char *service_transport(void); /* "inet" or "unix" */
/* The account of the row, which a service that stays root has not become. */
uid_t service_uid(void);
size_t service_listeners(void);
const struct service_listener *service_listener(size_t i);
/* Path of a service's socket for this program, seen from where it runs:
 * good for channel_new() and ask_connect(). Only those listed for it exist.
 * Valid after the jail has been entered too; lives as long as the process. */
const char *service_path(const char *service);
/* A channel to a service on the process's loop, 30 s limit; made once, kept. */
struct channel *service_channel(const char *service);
/* What a child of serve_one is to enter; compiled before it was forked. */
const struct sandbox *service_sandbox(void);
/* The loop ends and the process with 0. */
void service_exit(void);
/* For drain() of who answers packets: service_exit() once idle() has held for a
 * while. A question that was sent and not read when its socket closes is lost
 * to who asked. */
void service_exit_when(bool (*idle)(void));
/* Is a drain under way? stopping: the whole system stops, so that idle
 * sessions are to be told and closed at once. */
bool service_draining(void);
bool service_stopping(void);

#endif
