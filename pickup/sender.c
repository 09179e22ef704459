/*
 * sender.c - may this user give that envelope sender
 *
 * lookup asks the tables by the user's login name, which it finds by his uid:
 * there are no accounts in our jail.
 */

#include "pickup/sender.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "message/sender_pattern.h"
#include "pickup/conf.h"
#include "service/service.h"

enum { SENDER_SHOWN = 200 };

struct sender_job {
	const struct pickup_conf *conf;
	struct channel_call *asking;
	uid_t uid;
	char *sender;
	sender_fn *fn;
	void *arg;
};

bool
sender_limited(const struct pickup_conf *conf)
{
	return !span_is(
	    span_trim(span_str(conf->local_login_sender_maps)), "static:*");
}

static void
job_free(struct sender_job **j)
{
	channel_cancel(&(*j)->asking);
	free((*j)->sender);
	mem_free(j);
}

void
sender_cancel(struct sender_job **j)
{
	if (*j != NULL)
		job_free(j);
}

static void
refuse(const struct sender_job *j, struct why *why)
{
	struct buf shown = BUF_EMPTY;

	log_quote(&shown, span_str(j->sender), SENDER_SHOWN);
	log_warning("uid %ld is not allowed to send mail as <%s>", (long)j->uid,
	    buf_str(&shown));
	why_set(why, "5.7.1",
	    "User (uid %ld) is not allowed to send mail as <%s>", (long)j->uid,
	    buf_str(&shown));
	buf_free(&shown);
}

static void
came(void *arg, struct packet_in *in)
{
	struct sender_job *j = arg;
	const struct sender_style style = { j->conf->recipient_delimiter,
		j->conf->empty_address_local_login_sender_maps_lookup_key };
	struct span patterns = SPAN("");
	bool found = false;
	struct why why;

	j->asking = NULL;
	why_init(&why);
	if (in == NULL || !lookup_value_get(in, &found, &patterns, &why))
		why_set(&why, "4.3.0", "lookup is not available");
	else if (why.outcome == DONE &&
	    !(found &&
		sender_pattern_has(patterns, span_str(j->sender), &style)))
		refuse(j, &why);
	j->fn(j->arg, &why);
	why_free(&why);
	job_free(&j);
}

struct sender_job *
sender_start(const struct pickup_conf *conf, uid_t uid, struct span sender,
    sender_fn *fn, void *arg)
{
	struct sender_job *j = mem_new(sizeof(*j));
	struct packet_out o = { .fd_count = 0 };
	struct buf number = BUF_EMPTY;

	j->conf = conf;
	j->uid = uid;
	j->sender = mem_span(sender);
	j->fn = fn;
	j->arg = arg;
	buf_add_number(&number, uid);
	lookup_map_put(&o, SPAN("local_login_sender_maps"), buf_span(&number));
	j->asking = channel_ask(service_channel("lookup"), &o, came, j);
	packet_done(&o);
	buf_free(&number);
	return j;
}
