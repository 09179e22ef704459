/* main.c - bounce writes reports to senders */

#include "bounce/conf.h"
#include "bounce/serve.h"
#include "bounce/words.h"
#include "service/service.h"

static struct bounce_conf conf;
static struct all_words *words;

/* Texts are files. */
static void
before_jail(void)
{
	words = words_load(&conf, service_main_cf());
}

static void
serve(void)
{
	(void)serve_start(&conf, words);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "bounce",
		.params = bounce_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
	};

	return service_main(&s, argc, argv);
}
