/*
 * main.c - starts imapd: a parent whose children become users
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/start_call.h"
#include "config/param.h"
#include "config/places.h"
#include "imapd/conf.h"
#include "imapd/courier.h"
#include "imapd/linger.h"
#include "imapd/sender.h"
#include "imapd/session.h"
#include "os/sock.h"
#include "service/service.h"
#include "service/stub.h"

static struct imapd_conf conf;
static struct imap_conf session_conf;

static void
before_jail(void)
{
	struct why why;

	struct buf path = BUF_EMPTY;

	why_init(&why);
	(void)places_find(
	    main_cf_folder(service_main_cf()), PLACE_IMAPD, &path);
	if (!imapd_conf_take(&conf, &session_conf, &why) ||
	    !imapd_courier(buf_str(&path), arena_new(), &session_conf, &why))
		log_fatal("%s", why_text(&why));
	buf_free(&path);
	why_free(&why);
}

/* A guest sends nothing. */
static void
as_user(const struct session_start *start, void *sender)
{
	if (session_conf.outbox != NULL && start->visitor.n == 0)
		*(int *)sender = sender_start(&session_conf, start->user);
}

static int
serve(struct packet_in *in)
{
	int sender = -1;
	const struct stub_how how = { .own_dirs = conf.index_directory,
		.as_user = as_user,
		.arg = &sender };
	struct session_start start;
	struct imap_start session;
	char *mail;
	int status;

	if (stub_begin(in, &start, &how) == -1 ||
	    (start.park != -1 && sock_nonblock(start.park, false) == -1) ||
	    (start.watch != -1 && sock_nonblock(start.watch, true) == -1))
		return 1;
	/* whoever makes a file says its mode */
	(void)umask(007 & ~session_conf.more);
	mail = mem_span(start.mail);
	session = (struct imap_start){ .conf = &session_conf,
		.user = start.user,
		.mail = mail,
		.quota = start.quota,
		.client_addr = start.client_addr,
		.client_port = start.client_port,
		.tag = start.tag,
		.input = start.input,
		.park = start.park,
		.held = start.held,
		.watch = start.watch,
		.pass = start.pass,
		.state = start.state,
		.visitor = start.visitor,
		.sender = sender,
		.groups = start.groups,
		.direct = !start.tls && start.state.n == 0,
		.in = start.fd,
		.out = start.fd,
		.control = { FD_CONTROL, stub_must_stop } };
	if (start.park != -1 && span_is(start.via, "webmail")) {
		session.park = -1; /* a page is short: never parked */
		status = linger(&session, start.park);
	} else {
		status = imapd_session(&session);
		close(start.fd);
	}
	free(mail);
	if (start.park != -1)
		close(start.park);
	return status;
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "imapd",
		.plain_ident = true,
		.params = imapd_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_MAILBOX,
		.stay_root = true,
		.serve_one = serve,
	};

	return service_main(&s, argc, argv);
}
