/*
 * main.c - starts pop3d: a parent whose children become users
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/start_call.h"
#include "config/param.h"
#include "pop3d/conf.h"
#include "pop3d/courier.h"
#include "pop3d/session.h"
#include "service/service.h"
#include "service/stub.h"
#include "wire/pop3_policy.h"

static struct pop3_conf conf;

static void
before_jail(void)
{
	struct why why;

	why_init(&why);
	if (!pop3d_courier(main_cf_folder(service_main_cf()), &conf, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
	if (!pop3_expire_parse(span_str(conf.pop3_expire), &conf.expire_days))
		log_fatal("pop3_expire = %s: wanted is never or a number of "
			  "days",
		    conf.pop3_expire);
	if (*conf.index_directory != '\0' && *conf.index_directory != '/')
		log_fatal("index_directory is %s; it must begin with /",
		    conf.index_directory);
}

static int
serve(struct packet_in *in)
{
	const struct stub_how how = { .own_dirs = conf.index_directory };
	struct session_start start;
	struct pop3_start session;
	char *mail;
	int status;

	if (stub_begin(in, &start, &how) == -1)
		return 1;
	if (start.park != -1)
		close(start.park);
	(void)umask(007); /* whoever makes a file says its mode */
	mail = mem_span(start.mail);
	session = (struct pop3_start){ .conf = &conf,
		.user = start.user,
		.mail = mail,
		.client_addr = start.client_addr,
		.client_port = start.client_port,
		.input = start.input,
		.in = start.fd,
		.out = start.fd,
		.control = { FD_CONTROL, stub_must_stop } };
	status = pop3d_session(&session);
	free(mail);
	close(start.fd);
	return status;
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "pop3d",
		.plain_ident = true,
		.params = pop3d_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_MAILBOX,
		.stay_root = true,
		.serve_one = serve,
	};

	return service_main(&s, argc, argv);
}
