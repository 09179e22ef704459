/* world_clean.h - lookup's part in the form of addresses, as smtpd's tests have
 * it */

#ifndef TESTS_SMTPD_WORLD_CLEAN_H
#define TESTS_SMTPD_WORLD_CLEAN_H

#include <check.h>

#include "base/arena.h"
#include "base/why.h"
#include "calls/clean_call.h"
#include "ipc/packet.h"
#include "ipc/server.h"

/* A field that says "me" is completed; one that says "burns" is trouble. */
static inline void
world_clean(struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct clean_edit edit = { .text = SPAN("FROM: me@here.test\n") };
	struct clean_answer answer = { .edits = &edit };
	struct arena *a = arena_new();
	struct clean_request q;

	ck_assert(clean_get(in, a, &q));
	why_init(&answer.why);
	answer.sender = q.sender;
	for (size_t i = 0; i < q.field_count; i++) {
		if (span_is(q.fields[i].value, " burns"))
			why_set(&answer.why, "4.3.0", "a map is on fire");
		if (!span_is(q.fields[i].value, " me"))
			continue;
		edit.number = q.fields[i].number;
		answer.edit_count = 1;
	}
	cleaned_put(&o, in->id, &answer);
	server_reply(p, &o);
	packet_done(&o);
	why_free(&answer.why);
	arena_free(&a);
}

#endif
