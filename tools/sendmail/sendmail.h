/* sendmail.h - the parts of sendmail(1) */

#ifndef TOOLS_SENDMAIL_H
#define TOOLS_SENDMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct queue_rcpt;
struct submit_begin;
struct tool;
struct why;

enum { SENDMAIL_ADDRESS_MAX = 1024, SENDMAIL_RCPTS_MAX = 10000 };

/* What the command line says. */
struct options {
	const char *config_dir, *sender, *full_name, *envid;
	const char *aliases; /* -oA, or NULL */
	const char *verp; /* what stands behind -XV, or NULL */
	const char *queue; /* what stands behind -q, or NULL */
	unsigned notify, ret, flags;
	bool from_header; /* -t */
	bool whole; /* -i: a lone dot ends nothing */
	int mode; /* of -b: 'm', 'p', 'i', ...; 'q' for -q */
	unsigned verbose;
};

/* options.c. Ends the process with 64 for what makes no sense. */
void
options_read(const struct tool *t, struct options *o, int argc, char **argv);

/* The delimiters that are asked for, or "": those of main.cf. Ends the process
 * with 64 where they are none that may be used. */
struct span verp_delimiters(const struct tool *t, const char *asked);

/* target.c: one message on its way to pickup's socket, or to postdrop. */
struct target;
struct letter {
	const struct submit_begin *begin;
	const struct queue_rcpt *rcpts;
	size_t count;
};

/* pickup when it answers, else postdrop; drop: postdrop in any case. */
struct target *
target_open(const struct tool *t, const struct letter *l, bool drop);
/* Trouble is told by target_end(). */
void target_data(struct target *t, struct span bytes);
/* The message is complete. why->outcome DONE: it is on the disk, and *qid says
 * where when it is in the queue already. True when postdrop was asked. */
bool target_end(struct target **t, struct why *why, struct buf *qid);
/* Nothing of the message is kept. */
void target_abort(struct target **t);

/* input.c: standard input, line ends made LF, up to its end or a lone dot. */
struct input;
struct input *input_new(const struct tool *t, bool whole);
void input_free(struct input **in);
/* Append what comes next; false: that was the end. Ends the process with 74
 * when it cannot be read. */
bool input_more(struct input *in, struct buf *out);
/* Keep bytes for a second try; input_again() calls take with all that was kept.
 * False: they could not be kept. */
void input_keep(struct input *in, struct span bytes);
bool input_again(
    struct input *in, void (*take)(void *arg, struct span bytes), void *arg);

/* rcpts.c */
struct rcpts {
	const struct tool *tool;
	struct arena *arena;
	struct queue_rcpt *list;
	size_t count;
	unsigned notify;
};
/* The addresses of a list, as a header or a command line has them. Ends the
 * process with 64 where there are too many or one is too long. */
void rcpts_of(struct rcpts *r, struct span value);
/* Take recipients from the header in *text and the Bcc fields out of it. */
void rcpts_of_header(struct rcpts *r, struct buf *text);

/* smtp.c: -bs, SMTP on standard input and output. The exit code. */
int smtp_serve(const struct tool *t);

#endif
