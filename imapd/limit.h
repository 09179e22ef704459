/* limit.h - how many messages one command works on (RFC 9738) */

#ifndef IMAPD_LIMIT_H
#define IMAPD_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct numbers;
struct session;

/* True when n messages are more than one command may take. */
bool limit_passed(const struct session *s, size_t n);
/* Leave of n no more than that, those with the highest UIDs: the lowest UID
 * that is left, or 0 when all are. */
uint32_t limit_cut(const struct session *s, struct numbers *n);
/* OK, which says so when lowest is not 0; before it, in an untagged NO, when
 * the answer has a code of its own. */
void limit_reply_ok(
    struct session *s, uint32_t lowest, const char *code, const char *text);
/* NO: nothing was done, for there were too many. */
void limit_refuse(struct session *s);

#endif
