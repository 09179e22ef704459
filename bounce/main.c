/* main.c - bounce writes reports to senders */

#include "bounce/conf.h"
#include "bounce/serve.h"
#include "service/service.h"

static struct bounce_conf conf;

static void
serve(void)
{
	(void)serve_start(&conf);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "bounce",
		.params = bounce_params,
		.conf = &conf,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
	};

	return service_main(&s, argc, argv);
}
