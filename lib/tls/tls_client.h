/* tls_client.h - the TLS settings of a client */

#ifndef TLS_TLS_CLIENT_H
#define TLS_TLS_CLIENT_H

#include <stdint.h>

#include "tls/context.h"
#include "tls/tls_server.h"

struct why;

struct tls_client_conf {
	const char *protocols, *ciphers;
	const char *exclude_ciphers; /* NULL or "": none */
	/* Authorities to trust; empty: none. Both are read whole at once. */
	const char *ca_file; /* PEM, one or many */
	const char *ca_path; /* a folder of such files */
	const char *more_ca_file; /* as ca_file */
	struct tls_tuning tuning;
	int64_t resume_s; /* sessions may be resumed that long; 0: not */
	int verify_depth; /* of a chain; 0: OpenSSL's limit */
	/* Shown when the server asks; chain_file empty: none. chain_files, each
	 * with its key, make the others moot. */
	struct tls_certificate own[2];
	const char *chain_files;
};

/* Reads files (so: before the jail). NULL on trouble. The handshake never fails
 * for want of trust: ask tls_stream_trust() after it. signer may be NULL when
 * there is no own certificate. */
struct tls_context *tls_client_new(const struct tls_client_conf *conf,
    const struct tls_signer *signer, struct why *why);

/* Is that a list of versions, as smtp_tls_protocols has it? */
bool tls_protocols_known(struct span text);

#endif
