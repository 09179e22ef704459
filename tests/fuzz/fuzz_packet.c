/* fuzz_packet.c - ipc/packet.h and every decoder of lib/calls */

#include <stdint.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/bounce_call.h"
#include "calls/checks_call.h"
#include "calls/clean_call.h"
#include "calls/delivery_call.h"
#include "calls/lookup_call.h"
#include "calls/notice_call.h"
#include "calls/park_call.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "calls/start_call.h"
#include "calls/submit_call.h"
#include "calls/webmail_call.h"
#include "ipc/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct packet_in in;

static struct packet_in *
again(const uint8_t *p, size_t n)
{
	(void)packet_parse(&in, span_of((const char *)p, n));
	return &in;
}

static void
hit(void *arg, uint32_t line, struct span value)
{
	(void)arg;
	(void)line;
	(void)value;
}

static void
mta_calls(const uint8_t *p, size_t n, struct arena *a, struct why *why)
{
	struct queue_file_reply file;
	struct queue_envelope envelope;
	const struct queue_rcpt *rcpts;
	struct delivery_request delivery;
	struct delivery_results results;
	struct notice notice;
	struct bounce_request bounce;
	struct lookup_rcpt_request rcpt;
	struct lookup_route route = { .count = 0 };
	struct submit_begin begin;
	struct clean_request clean;
	struct clean_answer cleaned = { .copy_count = 0 };
	struct span s, lines;
	uint32_t done;
	size_t count;

	(void)queue_file_get(again(p, n), &file, why);
	(void)queue_commit_get(again(p, n), a, &envelope);
	(void)queue_rcpts_get(again(p, n), a, &s, &rcpts, &count);
	(void)queue_done_get(again(p, n), why);
	(void)delivery_get(again(p, n), a, &delivery);
	delivery_results_init(&results, 3);
	if (delivery_results_take(&results, again(p, n)) == DELIVERY_MORE)
		(void)delivery_results_take(&results, again(p, n));
	delivery_results_done(&results);
	(void)bounce_make_get(again(p, n), a, &bounce);
	(void)notice_get(again(p, n), &notice);
	(void)clean_get(again(p, n), a, &clean);
	(void)lookup_rcpt_get(again(p, n), &rcpt);
	why_init(&route.why);
	(void)lookup_route_get(again(p, n), a, &route);
	why_free(&route.why);
	why_init(&cleaned.why);
	(void)cleaned_get(again(p, n), a, &cleaned);
	why_free(&cleaned.why);
	(void)checks_lines_get(again(p, n), &s, &lines);
	(void)checks_hits_get(again(p, n), hit, NULL, &done, why);
	(void)submit_begin_get(again(p, n), &begin);
	(void)submit_rcpts_get(again(p, n), a, &rcpts, &count);
	(void)submit_data_get(again(p, n), &s);
}

static void
other_calls(const uint8_t *p, size_t n, struct arena *a)
{
	struct auth_check check;
	struct auth_handover handover;
	struct auth_user user;
	struct auth_greylist grey;
	struct auth_greylist_answer grey_answer;
	struct session_start session;
	struct auth_rejoin rejoin;
	struct park_offer offer;
	struct span client;
	int fd;
	struct auth_scram_ask ask;
	struct auth_challenge challenge;
	struct start_call start;
	struct webmail_sign_in sign_in;
	struct showq_line line;
	bool bad;

	(void)auth_check_get(again(p, n), &check);
	(void)auth_login_get(again(p, n), &check, &handover);
	(void)auth_user_get(again(p, n), &user);
	(void)auth_greylist_get(again(p, n), &grey);
	(void)auth_greylist_answer_get(again(p, n), &grey_answer);
	(void)session_start_get(again(p, n), &session);
	(void)auth_rejoin_get(again(p, n), &rejoin);
	(void)park_offer_get(again(p, n), &offer);
	(void)park_answer_get(again(p, n), &bad);
	(void)park_free_get(again(p, n));
	(void)park_join_get(again(p, n), &client, &fd);
	(void)auth_scram_get(again(p, n), &ask);
	(void)auth_challenge_get(again(p, n), &challenge);
	(void)auth_offers_answer_get(again(p, n), &bad);
	(void)start_get(again(p, n), a, &start);
	(void)webmail_sign_in_get(again(p, n), &sign_in);
	if (showq_page_get(again(p, n)))
		while (showq_line_get(&in, &line, &bad))
			;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct why why;

	if (n > PACKET_MAX)
		n = PACKET_MAX;
	why_init(&why);
	mta_calls(p, n, a, &why);
	other_calls(p, n, a);
	why_free(&why);
	arena_free(&a);
	return 0;
}
