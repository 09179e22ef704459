/* main.c - pickup takes mail from the sendmail command */

#include "pickup/conf.h"
#include "pickup/drop.h"
#include "pickup/submit.h"
#include "service/service.h"

enum { WAKEUP = 60 };

static struct pickup_conf conf;

static void
serve(void)
{
	submit_start(&conf, service_channel("qmgr"));
	drop_start(&conf, service_channel("qmgr"), WAKEUP);
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
	};

	return service_main(&s, argc, argv);
}
