/*
 * main.c - resolver, who asks the DNS for all others
 *
 * The only process that reads packets of name servers. All files are read
 * while it is still root; when one of them changes it ends, and master starts
 * another.
 */

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "os/file.h"
#include "resolver/conf.h"
#include "resolver/hosts.h"
#include "resolver/serve.h"
#include "resolver/upstream.h"
#include "resolver/watch.h"
#include "service/service.h"

static struct resolver_conf conf;
static struct hosts *hosts;
static struct upstream *upstream;
static struct resolver *resolver;
static struct watch *watch;

static void
text_read(const char *path, struct buf *text)
{
	if (file_read_path(path, HOSTS_BYTES_MAX, text) == -1)
		log_info("%s: %s", path, strerror(errno));
}

static void
open_all(void)
{
	struct buf text = BUF_EMPTY;
	struct upstream_conf up = {
		.nameservers = span_str(conf.resolver_nameservers),
		.anchor = resolver_wants_dnssec(&conf)
		    ? conf.resolver_trust_anchor
		    : NULL,
	};
	struct why why;

	why_init(&why);
	watch = watch_new();
	text_read("/etc/hosts", &text);
	hosts = hosts_parse(buf_span(&text));
	buf_clear(&text);
	text_read("/etc/resolv.conf", &text);
	up.resolv_conf = buf_span(&text);
	upstream = upstream_new(service_loop(), &up, &why);
	if (upstream == NULL)
		log_fatal("%s", why_text(&why));
	buf_free(&text);
	why_free(&why);
}

static bool
idle(void)
{
	return resolver_idle(resolver);
}

static void
drain(void)
{
	resolver_drain(resolver);
	service_exit_when(idle);
}

static void
serve(void)
{
	resolver = resolver_new(service_loop(), hosts, upstream);
	for (size_t i = 0; i < service_listeners(); i++)
		resolver_serve(resolver, service_listener(i)->fd,
		    service_listener(i)->label);
	watch_start(watch, service_loop(), drain);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "resolver",
		.params = resolver_params,
		.conf = &conf,
		.before_jail = open_all,
		.profile = SANDBOX_RESOLVER,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
