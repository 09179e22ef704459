/*
 * stub.c - becoming the user of a session
 *
 * Nothing but the packet from auth is looked at before the rights are gone.
 */

#include "service/stub.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "calls/auth_call.h"
#include "calls/start_call.h"
#include "ipc/packet.h"
#include "os/own_dir.h"
#include "os/sandbox.h"
#include "os/sock.h"
#include "os/users.h"
#include "service/service.h"

enum { IDENT_MOST = 31 };

bool
stub_must_stop(int fd)
{
	struct packet_in in = { .bad = false };
	bool stop = false, said;

	switch (packet_recv(fd, &in)) {
	case PACKET_OK:
		stop = start_end_get(&in, &said) && said;
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
become(const struct session_start *start, const char *user, const char *home,
    const struct stub_how *how)
{
	if (how->own_dirs != NULL && *how->own_dirs != '\0' && start->uid != 0)
		(void)own_dir_make(how->own_dirs, start->uid, start->gid);
	if (start->uid == 0 ||
	    users_become(user, start->uid, start->gid) == -1) {
		log_error(
		    "cannot become %s (uid %u)", user, (unsigned)start->uid);
		return -1;
	}
	if (chdir(home) == -1 && chdir("/") == -1)
		return -1;
	if (how->as_user != NULL)
		how->as_user(start, how->arg);
	if (sandbox_enter_prepared(service_sandbox()) == -1) {
		log_error("cannot enter the sandbox");
		return -1;
	}
	return 0;
}

int
stub_begin(struct packet_in *in, struct session_start *start,
    const struct stub_how *how)
{
	static const struct stub_how plain;
	char *user, *home, *ident;
	int got;

	if (!session_start_get(in, start)) {
		log_error("ill-formed session packet");
		return -1;
	}
	user = mem_span(start->user);
	home = mem_span(start->home);
	ident = mem_span(start->via);
	if (start->via.n > 0 && start->via.n <= IDENT_MOST)
		log_ident_set(ident);
	umask(077);
	got = become(start, user, home, how == NULL ? &plain : how);
	free(user);
	free(home);
	free(ident);
	return got == -1 ? -1 : sock_nonblock(start->fd, false);
}
