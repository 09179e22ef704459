/* checks.h - rules for the header as mail leaves (smtp_header_checks) */

#ifndef SMTP_CHECKS_H
#define SMTP_CHECKS_H

#include "base/span.h"

struct arena;
struct buf;
struct checks_query;
struct letter;
struct smtp_env;
struct why;

/* why is NULL when all is well: then the letter's header is as the rules want
 * it. Called once, from the loop. */
typedef void checks_fn(void *arg, const struct why *why);

/* qid: for the log. */
struct checks_query *checks_start(const struct smtp_env *env,
    struct letter *letter, struct span qid, checks_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void checks_cancel(struct checks_query **q);

/* What a rule's value makes of a field: appended to out, whole fields with
 * their LF, or nothing. *word: "warning", "replace" and the like for the log,
 * or NULL. False: such a rule does nothing here, and the field stays. Pure. */
bool checks_apply(
    struct span value, struct span field, const char **word, struct buf *out);

/* The same for a line of a body, with its LF: any text may take its place. */
bool checks_apply_line(
    struct span value, struct span line, const char **word, struct buf *out);

#endif
