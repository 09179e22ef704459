/* upstream.c - hosts that bring us their clients, and say who those are */

#include "login/upstream.h"

#include "base/number.h"
#include "base/why.h"
#include "login/login.h"
#include "maps/map_pool.h"
#include "maps/match_list.h"

struct match_list *
upstream_new(const char *name, const char *networks)
{
	if (span_trim(span_str(networks)).n == 0)
		return NULL;
	return match_list_new(map_pool_new("hash", false), name,
	    span_str(networks), MATCH_HOSTS, false);
}

bool
upstream_listed(const struct match_list *networks, struct span text)
{
	struct why why;
	bool listed;

	why_init(&why);
	listed = match_list_host(networks, SPAN(""), text, &why) == MATCH_YES;
	why_free(&why);
	return listed;
}

bool
upstream_trusted(const struct session *s)
{
	return s->login->upstreams != NULL &&
	    upstream_listed(s->login->upstreams, buf_span(&s->caller_text));
}

void
upstream_told(struct session *s, struct span addr, struct span port)
{
	struct address told;
	int n = 0;

	if (!upstream_trusted(s) ||
	    !number_parse_int(port, 0, UINT16_MAX, &n) ||
	    !address_parse(addr, (uint16_t)n, &told))
		return;
	s->peer = told;
	buf_clear(&s->peer_text);
	address_print(&s->peer_text, &told);
}

void
upstream_hops(struct session *s, struct span number)
{
	int n;

	if (number_parse_int(number, 0, PROXY_HOPS, &n) &&
	    (unsigned)n < s->hops)
		s->hops = (unsigned)n;
}

bool
upstream_xclient(const struct session *s)
{
	return s->login->proxy_tls != NULL || upstream_trusted(s);
}

void
upstream_xclient_take(struct session *s, struct span words)
{
	struct span word, addr = SPAN(""), port = SPAN("0");

	while (span_word(&words, " ", &word)) {
		if (span_istarts(word, "TTL="))
			upstream_hops(s, span_skip(word, 4));
		else if (span_istarts(word, "ADDR="))
			addr = span_skip(word, 5);
		else if (span_istarts(word, "PORT="))
			port = span_skip(word, 5);
	}
	upstream_told(s, addr, port);
}
