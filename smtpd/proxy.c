/* proxy.c - clients behind a load balancer */

#include "smtpd/proxy.h"

#include <sys/socket.h>

#include "os/sock.h"
#include "service/balancer.h"
#include "smtpd/cidr_list.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

bool
proxy_expected(const struct smtpd *smtpd, const struct address *from)
{
	struct span name =
	    span_trim(span_str(smtpd->conf->smtpd_upstream_proxy_protocol));

	if (name.n == 0 || address_family(from) == AF_UNIX)
		return false;
	return smtpd->conf->smtpd_upstream_proxy_networks[0] == '\0' ||
	    cidr_list_has(smtpd->proxies_from, address_bytes(from));
}

static void
header_came(
    void *arg, int fd, const struct address *from, const struct address *to)
{
	struct smtpd *smtpd = arg;

	if (fd != -1)
		session_start_for(smtpd, fd, from, to);
	else
		smtpd_drained(smtpd);
}

struct balancer *
proxy_new(struct smtpd *smtpd)
{
	return balancer_new(smtpd->loop,
	    smtpd->conf->smtpd_upstream_proxy_timeout * 1000, header_came,
	    smtpd);
}
