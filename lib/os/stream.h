/* stream.h - the client's connection: bytes in and out, blocking, with
 * deadlines */

#ifndef OS_STREAM_H
#define OS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct stream;

enum stream_result {
	STREAM_DATA,
	STREAM_WOKEN,
	STREAM_END,
	STREAM_STOP,
	STREAM_TIMEOUT
};

/* Readable when whoever started us has something to say; stop is asked then,
 * and true means that the session must end. fd -1: nobody. */
struct stream_control {
	int fd;
	bool (*stop)(int fd);
};

/* in and out may be the same descriptor; they stay the caller's. */
struct stream *
stream_new(int in, int out, const struct stream_control *control);
void stream_free(struct stream **t);

/* What came and was not taken. */
struct span stream_input(const struct stream *t);
void stream_take(struct stream *t, size_t n);
/* Put bytes before all that comes. */
void stream_preload(struct stream *t, struct span s);
/* Wait for more input, flushing output first; also (STREAM_WOKEN) for the
 * descriptor wake when it is not -1. STREAM_TIMEOUT when the time is over,
 * clock_ms() being at or behind until. STREAM_END: the client is gone, or
 * cannot be read or written to. STREAM_STOP: see above. */
enum stream_result stream_wait(struct stream *t, int wake, int64_t until);

/* fn is called once when the client has been silent for a second since it sent
 * something: what was kept to be quick may be given back then. A wait for a
 * second descriptor ends with STREAM_WOKEN behind it. The stream's own memory
 * is given back by itself. */
void stream_on_rest(struct stream *t, void (*fn)(void *arg), void *arg);

/* From now on both directions are compressed; what came and was not taken is
 * already, what is queued is not. Limits of deflate.h: a client that goes
 * beyond them is gone. */
void stream_compress(struct stream *t);
bool stream_compressed(const struct stream *t);
/* From now on both directions are plain again: what is queued still goes out
 * compressed. False: more came than was taken, or came behind the last that was
 * compressed, and nobody can tell which it is. True when they were plain. */
bool stream_uncompress(struct stream *t);

/* Queue output; written when much is queued, at stream_wait() and
 * stream_flush(). After a failure nothing more is written. */
void stream_put(struct stream *t, struct span s);
void stream_printf(struct stream *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void stream_flush(struct stream *t);
/* The client cannot be written to any more, or takes nothing. */
bool stream_failed(const struct stream *t);

uint64_t stream_received(const struct stream *t);
uint64_t stream_sent(const struct stream *t);

#endif
