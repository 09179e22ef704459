/* tls_server.h - the TLS settings of a server */

#ifndef TLS_TLS_SERVER_H
#define TLS_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "tls/context.h"

struct why;

enum { TLS_CERTIFICATES_MAX = 4 };

/* A chain and the name of its key, as the configuration gives them. */
struct tls_certificate {
	const char *chain_file; /* PEM, the server's own first */
	const char *key_file; /* only a name here: `keys` has the key */
};

struct tls_sni {
	const char *name; /* ".example.com": all names below */
	const char *files; /* each with key and chain, TLS_CERTIFICATES_MAX */
};

struct tls_server_conf {
	struct tls_certificate certificates[TLS_CERTIFICATES_MAX];
	size_t certificate_count; /* of different kinds: RSA, EC */
	const char *protocols, *ciphers;
	const char *exclude_ciphers; /* NULL or "": none */
	bool prefer_own_ciphers;
	/* Ask clients for a certificate; the handshake goes on whatever comes:
	 * see tls_peer.h. */
	bool ask_client;
	const char *client_ca_file, *client_ca_folder; /* NULL or "": none */
	int verify_depth; /* of its chain; 0: OpenSSL's limit */
	struct tls_tuning tuning;
	/* Certificates for clients that ask for a name (SNI, RFC 6066, 3). Of
	 * two rows with one name the first counts; one whose certificates
	 * cannot be used is logged and passed over. */
	const struct tls_sni *sni;
	size_t sni_count;
};

/* Reads the chains (so: before the jail). NULL on trouble, why says which file
 * or setting. signer is copied. */
struct tls_context *tls_server_new(const struct tls_server_conf *conf,
    const struct tls_signer *signer, struct why *why);

#endif
