/* main.c - lookup answers where an address goes and what a table says */

#include <stdint.h>

#include "base/log.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "config/param.h"
#include "ipc/ask.h"
#include "lookup/serve.h"
#include "maps/dial.h"
#include "os/file.h"
#include "route/conf.h"
#include "route/srs.h"
#include "service/service.h"

enum { DIAL_MS = 5000 };

static struct route_conf conf;
static struct serve *serve;

/* connector dials for us. */
static int
dial(void *arg, struct span target, struct why *why)
{
	int peer = ask_connect(arg, DIAL_MS), fd = -1;
	struct packet_out out = { .fd_count = 0 };
	struct packet_in in = { .bad = false };

	dial_put(&out, target);
	if (peer == -1 || ask(peer, &out, &in) == -1 ||
	    !dial_answer_get(&in, &fd, why))
		why_set(why, "4.3.0", "connector does not answer");
	packet_done(&out);
	packet_in_done(&in);
	file_close(&peer);
	return fd;
}

/* 0600 tables of root can be read only now. */
static void
before_jail(void)
{
	struct why why;

	why_init(&why);
	map_dial_set(dial, (void *)(uintptr_t)service_path("connector"));
	if (conf.srs_domain[0] != '\0') {
		conf.srs =
		    srs_open(conf.srs_domain, conf.srs_secret_file, &why);
		if (conf.srs == NULL)
			log_fatal("%s", why_text(&why));
	}
	why_free(&why);
	serve = serve_new(&conf);
}

static void
start(void)
{
	serve_start(serve);
}

static void
drain(void)
{
	serve_end(serve);
}

int
main(int argc, char **argv)
{
	static const struct service lookup = {
		.program = "lookup",
		.params = route_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_LOOKUP,
		.serve_many = start,
		.drain = drain,
	};

	return service_main(&lookup, argc, argv);
}
