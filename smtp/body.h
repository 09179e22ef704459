/* body.h - rules for what stands behind the header as mail leaves
 * (smtp_body_checks, smtp_mime_header_checks, smtp_nested_header_checks)
 */

#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include <stdbool.h>

#include "base/span.h"

struct body_query;
struct letter;
struct smtp_conf;
struct smtp_env;
struct why;

/* why is NULL when all is well: then the letter has its changes. Called once,
 * from the loop. */
typedef void body_fn(void *arg, const struct why *why);

/* Is any of the three set? */
bool body_wanted(const struct smtp_conf *c);
/* Behind checks_start(), for the header as it was made. qid: for the log. */
struct body_query *body_start(const struct smtp_env *env, struct letter *letter,
    struct span qid, body_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void body_cancel(struct body_query **q);

#endif
