/*
 * last_word.c - what a delivery is said to have ended with
 *
 * The child that delivered says it in the log, unless a table may change it:
 * only the parent can ask for that, and logs then.
 */

#include "deliver/last_word.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/status_filter.h"
#include "deliver/conf.h"
#include "os/clock.h"
#include "service/service.h"

struct asking {
	const char *ident;
	struct delivery_log log; /* its spans are the caller's */
	struct why *why;
	void (*fn)(void *arg);
	void *arg;
};

const char *
last_word_tables(const struct deliver_conf *conf, const char *ident)
{
	const struct {
		const char *ident, *parameter, *tables;
	} rows[] = {
		{ "local", "local_delivery_status_filter",
		    conf->local_delivery_status_filter },
		{ "virtual", "virtual_delivery_status_filter",
		    conf->virtual_delivery_status_filter },
		{ "pipe", "pipe_delivery_status_filter",
		    conf->pipe_delivery_status_filter },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].ident, ident) == 0 &&
		    *rows[i].tables != '\0')
			return rows[i].parameter;
	return NULL;
}

void
last_word_log(
    const char *ident, const struct delivery_log *log, const struct why *why)
{
	struct delivery_log l = *log;
	struct buf line = BUF_EMPTY;

	l.now_us = clock_wall_us();
	l.status = span_str(why->status);
	l.outcome = why->outcome;
	l.text = buf_span(&why->text);
	delivery_log_print(&line, &l);
	log_info_as(ident, "%s", buf_str(&line));
	buf_free(&line);
}

static void
filtered(void *arg)
{
	struct asking *a = arg;
	void (*fn)(void *) = a->fn;

	last_word_log(a->ident, &a->log, a->why);
	arg = a->arg;
	free(a);
	fn(arg);
}

void
last_word(const struct deliver_conf *conf, const struct last_word *w,
    struct why *why, void (*fn)(void *arg), void *arg)
{
	const char *parameter = last_word_tables(conf, w->ident);
	struct status_words words;
	struct asking *a;

	if (parameter == NULL) {
		if (!w->logged)
			last_word_log(w->ident, w->log, why);
		fn(arg);
		return;
	}
	a = mem_new(sizeof(*a));
	*a = (struct asking){ w->ident, *w->log, why, fn, arg };
	words = (struct status_words){ parameter, &why, 1 };
	(void)status_filter_start(
	    service_channel("lookup"), &words, filtered, a);
}
