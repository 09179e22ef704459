/* io.h - the client's connection: bytes in and out, blocking, with deadlines */

#ifndef IMAPD_IO_H
#define IMAPD_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct io;

enum io_result { IO_DATA, IO_WOKEN, IO_END, IO_STOP, IO_TIMEOUT };

/* Readable when whoever started us has something to say; stop is asked then,
 * and true means that the session must end. fd -1: nobody. */
struct io_control {
	int fd;
	bool (*stop)(int fd);
};

/* in and out may be the same descriptor; they stay the caller's. */
struct io *io_new(int in, int out, const struct io_control *control);
void io_free(struct io **io);

/* What came and was not taken. */
struct span io_input(const struct io *io);
void io_take(struct io *io, size_t n);
/* Put bytes before all that comes. */
void io_preload(struct io *io, struct span s);
/* Wait for more input, flushing output first; also (IO_WOKEN) for the
 * descriptor wake when it is not -1. IO_TIMEOUT when the time is over,
 * clock_ms() being at or behind until. IO_END: the client is gone, or cannot be
 * read or written to. IO_STOP: see above. */
enum io_result io_wait(struct io *io, int wake, int64_t until);

/* Queue output; written when much is queued, at io_wait() and io_flush(). After
 * a failure nothing more is written. */
void io_put(struct io *io, struct span s);
void io_printf(struct io *io, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void io_flush(struct io *io);
/* The client cannot be written to any more, or takes nothing. */
bool io_failed(const struct io *io);

uint64_t io_received(const struct io *io);
uint64_t io_sent(const struct io *io);

#endif
