/* main.c - pickup takes mail from the sendmail command */

#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "config/overrides.h"
#include "mauth/key_table.h"
#include "milter/milter.h"
#include "os/clock.h"
#include "os/loop.h"
#include "pickup/conf.h"
#include "pickup/drop.h"
#include "pickup/submit.h"
#include "service/authorized.h"
#include "service/service.h"

enum { DRAIN_CHECK_MS = 20, DRAIN_MS = 4000 };

static struct pickup_conf conf;
static struct submit *submit;
static struct drop *drop;
static struct loop_timer *drain_timer;
static int64_t drain_end;

/* Files are read while they can be. */
static void
keys_read(void)
{
	struct why why;

	if (conf.dkim_key_table[0] == '\0')
		return;
	why_init(&why);
	conf.keys = key_table_read(conf.dkim_key_table, arena_new(), &why);
	if (conf.keys == NULL)
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

static void
milters_read(void)
{
	struct why why;

	if (conf.non_smtpd_milters[0] == '\0' ||
	    (conf.overrides & NO_MILTERS) != 0)
		return;
	why_init(&why);
	conf.milters = milter_conf_new(arena_new(), &conf.milter,
	    "non_smtpd_milters", span_str(conf.non_smtpd_milters), &why);
	if (conf.milters == NULL)
		log_fatal("%s", why_text(&why));
	if (milter_conf_count(conf.milters) == 0)
		conf.milters = NULL;
	why_free(&why);
}

static void
before_jail(void)
{
	keys_read();
	conf.may_submit = authorized_new(
	    "authorized_submit_users", conf.authorized_submit_users);
}

static void
serve(void)
{
	conf.overrides =
	    overrides_parse(span_str(conf.receive_override_options));
	milters_read();
	conf.bytes = check_params_bytes(arena_new(), &conf.check);
	if ((conf.overrides & NO_HEADER_BODY_CHECKS) == 0)
		conf.checks = check_params_conf(arena_new(), &conf.check);
	submit = submit_new(&conf, service_channel("qmgr"));
	drop = drop_new(&conf, service_channel("qmgr"));
}

static void
wake(void)
{
	drop_look(drop);
}

/* Callers that have begun get their word: many of them would lose the mail. */
static void
drain_check(void *arg)
{
	(void)arg;
	if ((!submit_busy(submit) && !drop_busy(drop)) ||
	    clock_ms() > drain_end)
		service_exit();
	else
		loop_timer_set(drain_timer, DRAIN_CHECK_MS);
}

static void
drain(void)
{
	if (drain_timer == NULL) {
		submit_stop(submit);
		drop_stop(drop);
		drain_end = clock_ms() + DRAIN_MS;
		drain_timer = loop_timer_new(service_loop(), drain_check, NULL);
	}
	drain_check(NULL);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "pickup",
		.params = pickup_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
		.drain = drain,
		.wake = wake,
	};

	return service_main(&s, argc, argv);
}
