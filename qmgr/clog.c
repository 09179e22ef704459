/*
 * clog.c - a site whose mail keeps other mail from being worked on
 *
 * Only when no more messages may be begun it matters who has the places; then
 * all sites are counted, and once told not again for qmgr_clog_warn_time.
 */

#include "base/buf.h"
#include "base/log.h"
#include "base/table.h"
#include "os/clock.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"

enum {
	SHARE = 5, /* a site has too many with more than one of so many */
	AGAIN_MS = 1000 /* until the next count when none had */
};

static unsigned
entries(const struct site *s)
{
	unsigned n = s->underway + s->promised;

	LIST_EACH(at, &s->groups)
	{
		n++;
	}
	return n;
}

static const struct site *
largest(const struct qmgr *q, unsigned *most)
{
	const struct site *found = NULL;

	*most = 0;
	LIST_EACH(l, &q->transport_list)
	{
		const struct transport *t = LIST_OF(l, struct transport, in);
		struct span key;
		size_t at = 0;
		void *value;

		while (table_next(t->sites, &at, &key, &value)) {
			unsigned n = entries(value);

			if (n > *most) {
				*most = n;
				found = value;
			}
		}
	}
	return found;
}

void
clog_look(struct qmgr *q)
{
	int64_t now = clock_ms();
	unsigned most, limit = (unsigned)q->conf->qmgr_message_active_limit;
	const struct site *s;
	struct buf name = BUF_EMPTY;

	if (q->conf->qmgr_clog_warn_time <= 0 || now < q->clog_next)
		return;
	q->clog_next = now + AGAIN_MS;
	s = largest(q, &most);
	if (s == NULL || most <= limit / SHARE)
		return;
	q->clog_next = now + q->conf->qmgr_clog_warn_time * 1000;
	log_quote(&name, span_str(s->key), 256);
	log_warning("mail for %s is using up %u of %u active queue entries",
	    buf_str(&name), most, limit);
	log_warning("this may slow down other mail deliveries");
	log_warning("you may need to increase the main.cf "
		    "%s_destination_concurrency_limit",
	    s->transport->name);
	buf_free(&name);
}
