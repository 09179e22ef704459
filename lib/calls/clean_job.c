/* clean_job.c - all questions of one message for the form of its addresses */

#include "calls/clean_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "calls/clean_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"

/* ---- fields */

struct clean_fields {
	struct arena *arena;
	size_t count, bytes;
	struct clean_field list[CLEAN_FIELDS_MAX];
};

struct clean_fields *
clean_fields_new(void)
{
	struct clean_fields *f = mem_new(sizeof(*f));

	f->arena = arena_new();
	return f;
}

void
clean_fields_free(struct clean_fields **f)
{
	if (*f == NULL)
		return;
	arena_free(&(*f)->arena);
	mem_free(f);
}

/* Does the field hold addresses, and whose? */
static bool
is_known(struct span name, bool *of_sender)
{
	static const struct {
		const char *name;
		bool of_sender;
	} known[] = {
		{ "From", true },
		{ "To", false },
		{ "Cc", false },
		{ "Bcc", false },
		{ "Reply-To", true },
		{ "Sender", true },
		{ "Errors-To", true },
		{ "Return-Receipt-To", true },
		{ "Disposition-Notification-To", true },
		{ "Apparently-To", false },
		{ "Resent-From", true },
		{ "Resent-Sender", true },
		{ "Resent-Reply-To", true },
		{ "Resent-To", false },
		{ "Resent-Cc", false },
		{ "Resent-Bcc", false },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_iis(name, known[i].name)) {
			*of_sender = known[i].of_sender;
			return true;
		}
	return false;
}

void
clean_fields_add(struct clean_fields *f, uint32_t number, struct span name,
    struct span value)
{
	size_t bytes = f->bytes + name.n + value.n;
	bool of_sender;

	if (f->count == CLEAN_FIELDS_MAX || bytes > CLEAN_FIELD_BYTES ||
	    !is_known(name, &of_sender))
		return;
	f->bytes = bytes;
	f->list[f->count++] = (struct clean_field){ .number = number,
		.of_sender = of_sender,
		.name = arena_span(f->arena, name),
		.value = arena_span(f->arena, value) };
}

void
clean_fields_forget(struct clean_fields *f, uint32_t number)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->list[i].number != number)
			continue;
		f->count--;
		memmove(&f->list[i], &f->list[i + 1],
		    (f->count - i) * sizeof(f->list[0]));
		return;
	}
}

const struct clean_field *
clean_fields_list(const struct clean_fields *f, size_t *count)
{
	*count = f->count;
	return f->list;
}

/* ---- questions */

struct clean_job {
	struct channel *lookup;
	struct clean_request request;
	size_t at; /* recipients asked for */
	struct channel_call *call;
	struct arena *arena;
	struct clean_answer sum;
	struct span copies[CLEAN_COPIES_MAX];
	clean_fn *fn;
	void *arg;
};

static void
job_free(struct clean_job *j)
{
	why_free(&j->sum.why);
	arena_free(&j->arena);
	free(j);
}

static void
answer_take(struct clean_job *j, const struct clean_answer *a)
{
	why_copy(&j->sum.why, &a->why);
	if (j->sum.edits == NULL) { /* the first */
		j->sum.sender = a->sender;
		j->sum.edits = a->edits;
		j->sum.edit_count = a->edit_count;
	}
	for (size_t i = 0;
	     i < a->copy_count && j->sum.copy_count < CLEAN_COPIES_MAX; i++)
		j->copies[j->sum.copy_count++] = a->copies[i];
}

static void ask_next(struct clean_job *j);

static void
answered(void *arg, struct packet_in *in)
{
	struct clean_job *j = arg;
	struct clean_answer a = { .edit_count = 0 };

	j->call = NULL;
	why_init(&a.why);
	if (in == NULL || !cleaned_get(in, j->arena, &a))
		why_set(&j->sum.why, "4.3.0", "table lookup is not available");
	else
		answer_take(j, &a);
	why_free(&a.why);
	if (j->sum.why.outcome == DONE && j->at < j->request.rcpt_count) {
		ask_next(j);
		return;
	}
	j->fn(j->arg, &j->sum);
	job_free(j);
}

static void
ask_next(struct clean_job *j)
{
	struct packet_out o = { .fd_count = 0 };

	clean_put(&o, &j->request, &j->at);
	j->call = channel_ask(j->lookup, &o, answered, j);
	packet_done(&o);
}

struct clean_job *
clean_start(struct channel *lookup, const struct clean_request *r, clean_fn *fn,
    void *arg)
{
	struct clean_job *j = mem_new(sizeof(*j));

	j->lookup = lookup;
	j->request = *r;
	j->arena = arena_new();
	why_init(&j->sum.why);
	j->sum.sender = r->sender;
	j->sum.copies = j->copies;
	j->fn = fn;
	j->arg = arg;
	ask_next(j);
	return j;
}

void
clean_cancel(struct clean_job **job)
{
	if (*job == NULL)
		return;
	channel_cancel(&(*job)->call);
	job_free(*job);
	*job = NULL;
}
