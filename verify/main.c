/* main.c - verify finds out whether mail to an address would be taken */

#include "os/loop.h"
#include "service/service.h"
#include "verify/cache.h"
#include "verify/conf.h"
#include "verify/place.h"
#include "verify/serve.h"

static struct verify_conf conf;
static struct cache *cache;
static struct loop_timer *cleaning; /* NULL: not by time */

static void
before_jail(void)
{
	if (!place_prepare(&conf))
		conf.address_verify_map = "";
}

static void
clean(void *arg)
{
	(void)arg;
	cache_clean(cache);
	loop_timer_set(
	    cleaning, conf.address_verify_cache_cleanup_interval * 1000);
}

static void
serve(void)
{
	cache = cache_open(service_loop(), &conf);
	if (conf.address_verify_cache_cleanup_interval > 0) {
		cleaning = loop_timer_new(service_loop(), clean, NULL);
		clean(NULL);
	}
	(void)serve_start(&conf, cache);
}

static void
drain(void)
{
	cache_flush(cache);
	service_exit();
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "verify",
		.params = verify_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&s, argc, argv);
}
