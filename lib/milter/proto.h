/* proto.h - the packets between a mail server and its milters, versions 2 to 6
 *
 * A packet is its length (4 octets, the largest first), one octet that says
 * what it is, and data: numbers of 4 octets and strings ended by NUL.
 */

#ifndef MILTER_PROTO_H
#define MILTER_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum {
	MILTER_PACKET_MAX = 1 << 20, /* of a milter */
	MILTER_CHUNK = 65535 /* of the body */
};

/* From us. */
enum milter_command {
	MILTER_ABORT = 'A',
	MILTER_BODY = 'B',
	MILTER_CONNECT = 'C',
	MILTER_MACRO = 'D',
	MILTER_BODY_END = 'E',
	MILTER_HELO = 'H',
	MILTER_HEADER = 'L',
	MILTER_MAIL = 'M',
	MILTER_HEADER_END = 'N',
	MILTER_OPTIONS = 'O',
	MILTER_QUIT = 'Q',
	MILTER_RCPT = 'R',
	MILTER_DATA = 'T',
	MILTER_UNKNOWN = 'U'
};

/* From a milter. */
enum milter_answer {
	MILTER_ADD_RCPT = '+',
	MILTER_DEL_RCPT = '-',
	MILTER_ADD_RCPT_PAR = '2',
	MILTER_SHUTDOWN = '4',
	MILTER_ACCEPT = 'a',
	MILTER_REPLACE_BODY = 'b',
	MILTER_CONTINUE = 'c',
	MILTER_DISCARD = 'd',
	MILTER_CHANGE_FROM = 'e',
	MILTER_FAIL = 'f',
	MILTER_ADD_HEADER = 'h',
	MILTER_INSERT_HEADER = 'i',
	MILTER_CHANGE_HEADER = 'm',
	MILTER_NEGOTIATE = 'O',
	MILTER_PROGRESS = 'p',
	MILTER_QUARANTINE = 'q',
	MILTER_REJECT = 'r',
	MILTER_SKIP = 's',
	MILTER_TEMPFAIL = 't',
	MILTER_REPLY_CODE = 'y'
};

/* What a milter may do to a message. */
enum milter_action {
	MAY_ADD_HEADER = 1 << 0,
	MAY_REPLACE_BODY = 1 << 1,
	MAY_ADD_RCPT = 1 << 2,
	MAY_DEL_RCPT = 1 << 3,
	MAY_CHANGE_HEADER = 1 << 4,
	MAY_QUARANTINE = 1 << 5,
	MAY_CHANGE_FROM = 1 << 6,
	MAY_ADD_RCPT_PAR = 1 << 7,
	MAY_SET_MACROS = 1 << 8
};

/* What it does not want to hear, and what it does not answer. */
enum milter_protocol {
	NO_CONNECT = 1 << 0,
	NO_HELO = 1 << 1,
	NO_MAIL = 1 << 2,
	NO_RCPT = 1 << 3,
	NO_BODY = 1 << 4,
	NO_HEADERS = 1 << 5,
	NO_HEADER_END = 1 << 6,
	MUTE_HEADER = 1 << 7,
	NO_UNKNOWN = 1 << 8,
	NO_DATA = 1 << 9,
	WITH_SKIP = 1 << 10,
	MUTE_CONNECT = 1 << 12,
	MUTE_HELO = 1 << 13,
	MUTE_MAIL = 1 << 14,
	MUTE_RCPT = 1 << 15,
	MUTE_DATA = 1 << 16,
	MUTE_UNKNOWN = 1 << 17,
	MUTE_HEADER_END = 1 << 18,
	MUTE_BODY = 1 << 19,
	WITH_LEADING_SPACE = 1 << 20
};

/* Stages that have macros of their own, by their number in the protocol. */
enum milter_stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_END,
	STAGE_HEADER_END,
	MILTER_STAGES
};

/* Writing: begin, data, end; the place is where the packet begins in out. */
size_t milter_begin(struct buf *out, enum milter_command command);
void milter_end(struct buf *out, size_t place);
void milter_put_number(struct buf *out, uint32_t value);
/* A NUL inside ends it early. */
void milter_put_string(struct buf *out, struct span text);
/* family: 4, 6 or 0 (not known). */
void milter_put_connect(struct buf *out, struct span host, int family,
    unsigned port, struct span address);

enum milter_read { MILTER_MORE, MILTER_PACKET, MILTER_BAD };
/* Is there a whole packet at the front of in? It is *packet then, without its
 * length, which is 4 octets of in too. */
enum milter_read milter_next(struct span in, struct span *packet);

struct milter_options {
	unsigned version;
	uint32_t actions, protocol;
	bool has_macros[MILTER_STAGES];
	struct span macros[MILTER_STAGES]; /* lists that it wants instead */
};

struct milter_message {
	enum milter_answer answer;
	uint32_t index; /* of INSERT_HEADER, CHANGE_HEADER */
	struct span name; /* of a header; an address */
	struct span value; /* of a header; the body; a text; parameters of
			    * ESMTP */
	struct milter_options options; /* of NEGOTIATE */
};
/* Read a packet; false: not one a milter may send, or ill-formed. Strings
 * hold no NUL and point into packet. */
bool milter_read(struct span packet, struct milter_message *out);

/* "550 5.7.1 text", "450 text": the parts of MILTER_REPLY_CODE, LF between
 * lines, other control bytes taken for blanks, at most 900 octets. False: not
 * a refusal that SMTP knows. */
struct milter_code {
	int code;
	char status[12]; /* "" when there is none */
};
bool
milter_read_code(struct span text, struct milter_code *out, struct buf *words);

#endif
