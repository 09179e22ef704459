/* inside.h - what the files of lib/milter know of each other */

#ifndef MILTER_INSIDE_H
#define MILTER_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "milter/milter.h"

struct channel_call;
struct conn;
struct loop_timer;
struct milter_header;
struct queue_rcpt;

/* Time limits, for all of the message, or an answer with its progress. */
enum { MILTER_WHOLE_TIMES = 10 };

enum milter_default {
	DEFAULT_TEMPFAIL,
	DEFAULT_ACCEPT,
	DEFAULT_REJECT,
	DEFAULT_QUARANTINE,
	DEFAULT_SHUTDOWN
};

struct milter_row {
	const char *target;
	unsigned version;
	int64_t connect_ms, command_ms, content_ms;
	enum milter_default on_trouble;
};

struct milter_conf {
	const struct milter_params *params;
	const char *parameter;
	struct arena *arena;
	struct milter_row *rows;
	size_t count;
};

enum milter_state {
	MILTER_IDLE, /* not dialled */
	MILTER_DIALLING,
	MILTER_GREETING, /* options are being negotiated */
	MILTER_READY,
	MILTER_DONE_WITH, /* it accepts whatever this client does */
	MILTER_REFUSING, /* it refuses whatever this client does */
	MILTER_BROKEN /* the default action stands for it */
};

/* Where the telling of a message stands. */
enum milter_phase {
	PHASE_NONE,
	PHASE_HEADERS,
	PHASE_HEADER_END,
	PHASE_BODY,
	PHASE_END, /* to be sent */
	PHASE_CHANGES /* it answers with them */
};

struct milter_server {
	struct milters *of;
	const struct milter_row *row;
	enum milter_state state;
	struct channel_call *dialling;
	bool asked_twice; /* connector */
	struct conn *conn;
	struct loop_timer *timer;
	struct loop_timer *more; /* packets wait */
	bool eof; /* nothing comes behind them */
	bool idle; /* connected for an earlier message: it may have closed since
		    * then */
	bool waiting; /* for an answer */
	bool again; /* it is to be asked the same again: it knows more now */
	bool told[MILTER_ON_MAIL]; /* of the client and its name */
	enum milter_event event; /* what it was told last */
	bool in_message; /* it was told of MAIL */
	bool accepted; /* the rest of the message */
	int64_t rest_until; /* broken: not dialled before, on clock_ms() */
	struct buf greeting; /* its packet, to which options point */
	struct milter_options options; /* as agreed */
	struct milter_verdict kept; /* of MILTER_REFUSING */
	struct buf kept_text;
	/* of the message */
	enum milter_phase phase;
	size_t field_at;
	uint64_t body_sent; /* octets of the file, from body_at */
	uint64_t body_new; /* octets written of another body */
	unsigned changes; /* that it wanted */
	int64_t end_by; /* of what it is at, however it drips; on clock_ms() */
	bool new_body;
	bool cr; /* a CR of the new body waits for its LF */
	uint32_t crc;
};

/* What milters are told, with memory of its own. */
struct milter_saying {
	bool said;
	struct arena *arena;
	struct milter_told told;
};

struct milters {
	const struct milter_conf *conf;
	struct milter_env env;
	struct milter_server *servers;
	size_t count, at; /* which is being asked */
	bool from_loop; /* what goes on now was begun by the loop */
	/* what is told; CONNECT and HELO are kept for who comes late */
	struct milter_saying saying[MILTER_ON_END];
	enum milter_event event;
	struct milter_mail *mail;
	struct milter_header *header;
	milter_done_fn *done; /* NULL: nothing is under way */
	struct buf out; /* packets */
};

/* conf.c */
bool milter_conf_default(
    const struct milter_conf *c, struct span name, struct buf *out);
bool milter_same_name(struct span a, struct span b);

/* milter.c: the server at hand is through with this; ask the next one. */
void milter_go_on(struct milters *m);
/* The verdict is known. m may be gone after it. */
void milter_finish(struct milters *m, const struct milter_verdict *v);
void milter_refuse(
    struct milters *m, int code, const char *status, const char *text);

/* It is this one that the verdict waits for. */
bool milter_is_asked(const struct milter_server *s);

/* server.c */
void milter_server_begin(struct milter_server *s);
void milter_server_close(struct milter_server *s, bool politely);
/* It cannot go on. The default action stands for it until the next message. */
void milter_server_broken(struct milter_server *s, const char *reason);
/* Macros of a stage, where there are any, written behind m->out. */
void milter_put_macros(struct milter_server *s, enum milter_command command);
/* It has so long for what it is at. */
void milter_server_limit(struct milter_server *s, int64_t ms);
/* Write m->out; answered: it is sent, an answer is waited for, so long. Else it
 * is the caller's to conn_flush(). */
void
milter_server_send(struct milter_server *s, bool answered, int64_t limit_ms);
/* The usual answers to an event; true: it was one of these. */
bool milter_answer(struct milter_server *s, const struct milter_message *msg);

/* envelope.c: false: no address, or parameters that are none. All lives in
 * mail->arena. */
bool milter_rcpt_read(const struct milter_mail *mail, struct span address,
    struct span params, struct queue_rcpt *out);
bool milter_sender_read(
    struct milter_mail *mail, struct span address, struct span params);
struct span milter_path_bare(struct span address);

/* message.c */
enum milter_start {
	MILTER_STARTED,
	MILTER_TOO_LONG, /* the header */
	MILTER_UNREADABLE
};
enum milter_start milter_message_start(struct milters *m);
void milter_message_push(struct milter_server *s);
void milter_message_answer(
    struct milter_server *s, const struct milter_message *msg);

#endif
