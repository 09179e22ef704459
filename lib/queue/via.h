/* via.h - through whose hands a recipient came
 *
 * What local delivery sends on, by an alias, a ~/.forward or the like, says so
 * in a Delivered-To field for each step, so that it is known when it comes back
 * (prepend_delivered_header of Postfix, local(8)). The steps of a recipient are
 * one text: addresses with a line end behind each, the last step first.
 */

#ifndef QUEUE_VIA_H
#define QUEUE_VIA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct buf;

enum { VIA_MAX = 2048 };

/* The steps of what address, which came itself by the steps above, is replaced
 * by. own: the new address, which is no step of its own: a member that the list
 * and the user have kept for themselves. What is too long goes from the end,
 * the oldest; an address that cannot stand in a header line is left out. In a.
 */
struct span via_make(
    struct arena *a, struct span address, struct span above, struct span own);
/* The address is that of a step. */
bool via_has(struct span via, struct span address);
/* Append to a list of edits what tells of these steps, above all else; returns
 * how many fields that makes. utf8: the message is an internationalized one;
 * else steps that would make it one are left out. */
size_t via_edit(struct buf *edits, struct span via, bool utf8);

#endif
