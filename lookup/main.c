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

/* 0600 tables of root can be read only now. */
static void
before_jail(void)
{
	struct why why;

	why_init(&why);
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
