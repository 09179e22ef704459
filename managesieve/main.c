/*
 * main.c - starts managesieve: a parent whose children become users
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "calls/auth_call.h"
#include "calls/start_call.h"
#include "managesieve/conf.h"
#include "managesieve/session.h"
#include "service/service.h"
#include "service/stub.h"

static struct managesieve_conf conf;

static int
serve(struct packet_in *in)
{
	struct session_start start;
	struct managesieve_start session;
	char *home;

	if (stub_begin(in, &start, NULL) == -1)
		return 1;
	home = mem_span(start.home);
	session = (struct managesieve_start){ .conf = &conf,
		.user = start.user,
		.home = home,
		.client_addr = start.client_addr,
		.client_port = start.client_port,
		.input = start.input,
		.in = start.fd,
		.out = start.fd,
		.control = { FD_CONTROL, stub_must_stop } };
	managesieve_session(&session);
	free(home);
	close(start.fd);
	return 0;
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "managesieve",
		.plain_ident = true,
		.params = managesieve_params,
		.conf = &conf,
		.profile = SANDBOX_SCRIPTS,
		.stay_root = true,
		.serve_one = serve,
	};

	return service_main(&s, argc, argv);
}
