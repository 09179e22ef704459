/* policy_server.h - asking the servers behind check_policy_service */

#ifndef SMTPD_POLICY_SERVER_H
#define SMTPD_POLICY_SERVER_H

#include <stdbool.h>

#include "base/span.h"

struct loop;
struct channel;
struct policy_query;
struct policy_servers;
struct smtpd_conf;

/* All servers that were asked, and their connections. */
struct policy_servers *
policy_servers_new(struct loop *loop, const struct smtpd_conf *conf);
/* No query may be left. */
void policy_servers_free(struct policy_servers **s);

/* The setting of that name for the server that text names, as a request has it;
 * "" when text is none. */
const char *policy_server_context(struct policy_servers *s, const char *text);

/* Ask the server of that text ("inet:localhost:10023", or in braces with
 * settings). fn is called later, from the loop, when policy_query_action() has
 * an answer: the server's, or the default action after all tries. connector
 * dials; a query holds nobody up but its owner. */
typedef void policy_answer_fn(void *arg);
struct policy_query *policy_ask(struct policy_servers *s, const char *text,
    struct span request, policy_answer_fn *fn, void *arg);
/* The channel that dials: to be set before anybody asks. */
void policy_servers_dialler(struct policy_servers *s, struct channel *c);
/* False: not yet. The action lives as long as the query. */
bool policy_query_action(const struct policy_query *q, struct span *action);
/* Also while it is under way. */
void policy_query_free(struct policy_query **q);

#endif
