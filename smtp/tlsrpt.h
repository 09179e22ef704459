/* tlsrpt.h - how TLS to a host went, told to sts (smtp_tlsrpt_enable) */

#ifndef SMTP_TLSRPT_H
#define SMTP_TLSRPT_H

#include "wire/tlsrpt.h"

struct session;
struct session_setup;
struct smtp_env;

/* A word on a session that asked for TLS; text is for people, may be NULL.
 * Nothing where reports are off, or where no domain has a say. */
void tlsrpt_tell(
    const struct session *s, enum tlsrpt_result result, const char *text);
/* The same for a host with which no session was begun. */
void
tlsrpt_tell_host(const struct smtp_env *env, const struct session_setup *setup,
    enum tlsrpt_result result, const char *text);
/* What a certificate that is not good is called. doubt: tls_stream_doubt(). */
enum tlsrpt_result tlsrpt_doubt(enum tlsrpt_type type, const char *doubt);

#endif
