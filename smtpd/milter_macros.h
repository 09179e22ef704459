/* milter_macros.h - what the macros of milters stand for */

#ifndef SMTPD_MILTER_MACROS_H
#define SMTPD_MILTER_MACROS_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct session;

/* Append the value of "j", "{auth_type}", ...; false: it has none now. */
bool milter_macro(const struct session *s, struct span name, struct buf *out);

#endif
