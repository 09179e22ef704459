/* way.h - mail that local delivery has sent on: it says so, and goes once */

#ifndef SMTP_WAY_H
#define SMTP_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct delivery_request;
struct edited;
struct letter;
struct why;

/* The message, with a field for each step of r->via that can be told of; *told
 * says how many. It looks into r, and into a. NULL: errno. */
struct edited *
way_open(const struct delivery_request *r, struct arena *a, size_t *told);
/* It has not been sent on before by one of those in via. Else, and when that
 * cannot be told, false and why. The first fields, told of them, tell of now.
 */
bool way_is_new(
    const struct letter *l, struct span via, size_t told, struct why *why);

#endif
