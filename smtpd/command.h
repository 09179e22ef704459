/* command.h - the table of commands, and what each step offers to it */

#ifndef SMTPD_COMMAND_H
#define SMTPD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct session;
struct smtp_command;

/* Run the command in line (without its end). last: nothing stands behind it
 * as yet. */
void command_run(struct session *s, struct span line, bool last);
/* The same, as smtpd_command_filter wants it. */
void command_take(struct session *s, struct span line, bool last);
/* "ehlo": as the disconnect line names it. */
const char *command_count_name(unsigned count);

/* hello.c */
void cmd_helo(struct session *s, const struct smtp_command *c);
void cmd_ehlo(struct session *s, const struct smtp_command *c);
void cmd_starttls(struct session *s, const struct smtp_command *c);
void cmd_rset(struct session *s, const struct smtp_command *c);
void cmd_noop(struct session *s, const struct smtp_command *c);
void cmd_help(struct session *s, const struct smtp_command *c);
void cmd_quit(struct session *s, const struct smtp_command *c);
/* A client is there: find its name, then greet it; on port 465 with TLS in
 * between. */
void hello_begin(struct session *s);
void hello_greet(struct session *s);
/* The name without bytes that could mean something elsewhere. */
char *hello_clean(struct span name);
/* What EHLO announces now, of enum smtpd_feature. */
unsigned hello_features(const struct session *s);

/* auth.c */
void cmd_auth(struct session *s, const struct smtp_command *c);
/* A response line of the client. */
void auth_line(struct session *s, struct span line);
/* Append " PLAIN LOGIN": what may be used now. */
void auth_mechanisms(const struct session *s, struct buf *out);

/* xclient.c */
void cmd_xclient(struct session *s, const struct smtp_command *c);
void cmd_xforward(struct session *s, const struct smtp_command *c);
void xforward_reset(struct session *s);

/* vrfy.c */
void cmd_vrfy(struct session *s, const struct smtp_command *c);

/* etrn.c */
void cmd_etrn(struct session *s, const struct smtp_command *c);

/* envelope.c */
void cmd_mail(struct session *s, const struct smtp_command *c);
void cmd_rcpt(struct session *s, const struct smtp_command *c);

/* future.c: FUTURERELEASE (RFC 4865) */
/* To those who have logged in, and not at the port of other servers. */
bool future_offered(const struct session *s);
/* Append "FUTURERELEASE 604800 2026-..Z" and LF. */
void future_line(const struct session *s, struct buf *lines);
/* When the mail of c is to be released: wall clock, seconds; 0: at once. False:
 * not so late, or no time at all. */
bool future_time(
    const struct session *s, const struct smtp_command *c, int64_t *release);

/* data.c */
void cmd_data(struct session *s, const struct smtp_command *c);
void cmd_bdat(struct session *s, const struct smtp_command *c);
/* Bytes of content while READ_CONTENT or READ_CHUNK: how many were taken. */
size_t data_input(struct session *s, struct span bytes);

#endif
