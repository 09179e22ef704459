/* log.h - one event, one line
 *
 * The process holds one log descriptor, opened before any jail: a datagram
 * socket to syslog or a file that master opened for append. Lines go there in
 * the shape that log readers know: "Mon DD HH:MM:SS host ident[pid]: text" in a
 * file, a syslog packet on a socket. Control bytes in a line
 * are replaced by '?', whatever the caller forgot. Never put a secret here.
 */

#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* fd: as above, is_file says which; -1 writes to standard error. ident is
 * "postfix/smtpd" or "imapd"; copied. */
void log_to(int fd, bool is_file, const char *ident);
/* Connect to /dev/log; -1 when there is none (then standard error serves). */
int log_syslog_open(void);
/* "mail", "local3": where syslog puts our lines; false: there is no such. */
bool log_facility_set(struct span name);
void log_ident_set(const char *ident);
const char *log_ident(void);
/* 1 and more: log_debug lines too (-v). */
void log_verbose_set(int level);
int log_verbose(void);

/* What happened to mail or a session. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* As another agent of the suite: what stands behind the ident's first '/' is
 * agent in this line ("cleanup"); log readers look for its lines there. */
void log_info_as(const char *agent, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "warning: ": an administrator should look. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "error: ": this request failed by our own fault. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "fatal: ": this process ends, with 1 or the given code. */
void log_fatal(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void log_fatal_exit(int code, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Remote bytes for a line or a terminal: control bytes, DEL and invalid UTF-8
 * become '?', bidi controls and the separators of lines too, at most max bytes,
 * then "...". Appended to out. */
void log_quote(struct buf *out, struct span bytes, size_t max);

#endif
