/* html_style.h - style attributes and single values, filtered by whitelists */

#ifndef MESSAGE_HTML_STYLE_H
#define MESSAGE_HTML_STYLE_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append the declarations of style (entities decoded) whose property and value
 * are harmless: no url(), no escapes, nothing that takes text out of its
 * place. Returns how many were left out. */
unsigned html_style_filter(struct buf *out, struct span style);

/* Kinds of attribute values. */
bool html_is_number(struct span s); /* digits, with px or % behind them */
bool html_is_color(struct span s); /* #abc, #aabbcc, a name, rgb(1,2,3) */
bool html_is_words(struct span s); /* letters, digits, blank , . _ - */

#endif
