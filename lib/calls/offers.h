/* offers.h - what auth lets be offered, as a front remembers it */

#ifndef CALLS_OFFERS_H
#define CALLS_OFFERS_H

#include <stdbool.h>

struct channel;
struct offers;

/* channel: to auth; it must outlive the offers. Asks at once. */
struct offers *offers_new(struct channel *channel);
void offers_free(struct offers **o);
/* Some user can log in by SCRAM. What was known last: asked anew in the
 * background when that is some seconds old. o may be NULL: false. */
bool offers_scram(struct offers *o);

#endif
