/*
 * main.c - starts imapd: a stub of root that becomes the user of one session
 *
 * What comes from auth is one packet: who, where, and the client's descriptor.
 * Nothing else is parsed before the rights are gone.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/start_call.h"
#include "imapd/conf.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "os/sandbox.h"
#include "os/sock.h"
#include "os/users.h"
#include "service/service.h"

static struct imapd_conf conf;
static struct imap_conf session_conf;

static void
before_jail(void)
{
	struct why why;

	why_init(&why);
	if (!imapd_conf_take(&conf, &session_conf, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

/* master said something, or is gone. A reload lets sessions be. */
static bool
control_says_stop(int fd)
{
	struct packet_in in = { .bad = false };
	bool stop = false;

	switch (packet_recv(fd, &in)) {
	case PACKET_OK:
		stop = start_end_get(&in, &stop) && stop;
		break;
	case PACKET_WAIT:
		break;
	case PACKET_CLOSED:
	case PACKET_BAD:
		stop = true;
		break;
	}
	packet_in_done(&in);
	return stop;
}

static int
become(const struct session_start *start)
{
	char *user = mem_span(start->user);
	char *home = mem_span(start->home);
	int got = 0;

	if (start->uid == 0 ||
	    users_become(user, start->uid, start->gid) == -1) {
		log_error(
		    "cannot become %s (uid %u)", user, (unsigned)start->uid);
		got = -1;
	} else if (chdir(home) == -1 && chdir("/") == -1) {
		got = -1;
	} else if (sandbox_enter(SANDBOX_MAILBOX, false) == -1) {
		log_error("cannot enter the sandbox");
		got = -1;
	}
	free(user);
	free(home);
	return got;
}

static int
serve(struct packet_in *in)
{
	struct session_start start;
	struct imap_start session;
	char *mail;
	int status;

	if (!session_start_get(in, &start)) {
		log_error("ill-formed session packet");
		return 1;
	}
	if (become(&start) == -1 || sock_nonblock(start.fd, false) == -1)
		return 1;
	if (start.via.n > 0 && start.via.n < 32) {
		char *ident = mem_span(start.via);

		log_ident_set(ident);
		free(ident);
	}
	umask(077);
	mail = mem_span(start.mail);
	session = (struct imap_start){ .conf = &session_conf,
		.user = start.user,
		.mail = mail,
		.client_addr = start.client_addr,
		.client_port = start.client_port,
		.tag = start.tag,
		.input = start.input,
		.in = start.fd,
		.out = start.fd,
		.control = { FD_CONTROL, control_says_stop } };
	status = imapd_session(&session);
	free(mail);
	close(start.fd);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct service s = {
		.program = "imapd",
		.plain_ident = true,
		.params = NULL,
		.before_jail = before_jail,
		.profile = SANDBOX_MAILBOX,
		.stay_root = true,
		.serve_one = serve,
	};
	struct service with = s;

	with.params = imapd_params;
	with.conf = &conf;
	return service_main(&with, argc, argv);
}
