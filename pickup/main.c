/* main.c - pickup takes mail from the sendmail command */

#include "pickup/conf.h"
#include "pickup/drop.h"
#include "pickup/submit.h"
#include "service/service.h"

static struct pickup_conf conf;
static struct drop *drop;

static void
serve(void)
{
	submit_start(&conf, service_channel("qmgr"));
	drop = drop_new(&conf, service_channel("qmgr"));
}

static void
wake(void)
{
	drop_look(drop);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "pickup",
		.params = pickup_params,
		.conf = &conf,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
		.wake = wake,
	};

	return service_main(&s, argc, argv);
}
