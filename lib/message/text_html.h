/* text_html.h - plain text shown as HTML */

#ifndef MESSAGE_TEXT_HTML_H
#define MESSAGE_TEXT_HTML_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append text (UTF-8) as a fragment: escaped, http, https and mailto addresses
 * as links, lines that begin with '>' in <blockquote class="qN"> by level (at
 * most 9), line ends as <br>, runs of blanks kept. flowed: format=flowed (RFC
 * 3676), so that soft line ends join lines; delsp: its DelSp=yes. */
void text_html(struct buf *out, struct span text, bool flowed, bool delsp);

#endif
