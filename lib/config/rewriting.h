/* rewriting.h - are there tables that change senders, headers or copies? */

#ifndef CONFIG_REWRITING_H
#define CONFIG_REWRITING_H

#include <stdbool.h>

struct main_cf;

/* Does any message need to be asked for at lookup before it is queued? */
bool rewriting_wanted(const struct main_cf *m);
/* And does it depend on its recipients? */
bool rewriting_wants_rcpts(const struct main_cf *m);

#endif
