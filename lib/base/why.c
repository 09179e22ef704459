/* why.c - the reason of a failure, set once where the facts are */

#include "base/why.h"

#include <stdarg.h>
#include <stdio.h>

void
why_init(struct why *w)
{
	*w = (struct why){ .outcome = DONE, .status = "2.0.0" };
}

void
why_free(struct why *w)
{
	buf_free(&w->text);
}

void
why_set(struct why *w, const char *status, const char *format, ...)
{
	struct buf raw = BUF_EMPTY;
	va_list args;

	w->outcome = status[0] == '2' ? DONE
	    : status[0] == '5'        ? BOUNCE
				      : DEFER;
	snprintf(w->status, sizeof(w->status), "%s", status);
	va_start(args, format);
	buf_vprintf(&raw, format, args);
	va_end(args);
	buf_clear(&w->text);
	for (size_t i = 0; i < raw.n; i++)
		buf_add_byte(&w->text,
		    ascii_control((unsigned char)raw.p[i]) ? ' ' : raw.p[i]);
	buf_free(&raw);
}

const char *
why_text(struct why *w)
{
	return buf_str(&w->text);
}

void
why_soften(struct why *w)
{
	if (w->outcome != BOUNCE)
		return;
	w->outcome = DEFER;
	w->status[0] = '4';
}

void
why_copy(struct why *to, const struct why *from)
{
	to->outcome = from->outcome;
	snprintf(to->status, sizeof(to->status), "%s", from->status);
	buf_clear(&to->text);
	buf_add_span(&to->text, buf_span(&from->text));
}
