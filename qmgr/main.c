/* main.c - qmgr, the only program that touches the spool */

#include "base/mem.h"
#include "base/table.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/syncpool.h"
#include "qmgr/accept_log.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"
#include "service/authorized.h"
#include "service/service.h"

enum { FLUSH_THREADS = 16, DRAIN_MS = 4000 };

static struct qmgr_conf conf;
static struct qmgr qmgr = { .conf = &conf };
static int64_t drain_end;

/* Threads are made before the filter that forbids to make any. */
static void
before_jail(void)
{
	qmgr.loop = service_loop();
	qmgr.pool = syncpool_new(qmgr.loop, FLUSH_THREADS);
	qmgr.may_list = authorized_new(
	    "authorized_mailq_users", conf.authorized_mailq_users);
	qmgr.may_flush = authorized_new(
	    "authorized_flush_users", conf.authorized_flush_users);
}

static void
serve(void)
{
	qmgr.messages = table_new();
	qmgr.transports = table_new();
	list_init(&qmgr.to_route);
	list_init(&qmgr.transport_list);
	qmgr.lookup = service_channel("lookup");
	qmgr.bounce = service_channel("bounce");
	qmgr.verify = service_channel("verify");
	qmgr.main_cf = service_main_cf();
	qmgr.path_of = service_path;
	qmgr.double_bounce =
	    mem_printf("%s@%s", conf.double_bounce_sender, conf.myhostname);
	spool_open(&qmgr);
	sites_start(&qmgr);
	retry_start(&qmgr);
	scan_start(&qmgr);
	intake_start(&qmgr);
	admin_start(&qmgr);
}

/* Messages that are being written and commits that were begun are finished:
 * their callers wait for the word. Deliveries under way may end within a few
 * seconds, so that what was delivered is marked, and its file is gone from the
 * disk and not only from memory; no new one is begun. What is left then is
 * found in active/ by the next qmgr, and in the accept log. */
static bool
idle(void)
{
	bool late = clock_ms() > drain_end;

	if (qmgr.commits > 0)
		return false;
	if (!late && (qmgr.deliveries > 0 || qmgr.entries + qmgr.slowed > 0))
		return false;
	accept_log_close(&qmgr);
	if (syncpool_pending(qmgr.pool) > 0 ||
	    (!late && !accept_log_is_closed(&qmgr)))
		return false;
	ids_stop(&qmgr);
	return true;
}

static void
drain(void)
{
	if (qmgr.draining)
		return;
	qmgr.draining = true;
	drain_end = clock_ms() + DRAIN_MS;
	service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "qmgr",
		.params = qmgr_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_SPOOL,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&s, argc, argv);
}
