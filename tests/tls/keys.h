/* keys.h - the keys of tests/data/tls, signing in the process of the test */

#ifndef TESTS_TLS_KEYS_H
#define TESTS_TLS_KEYS_H

#include <check.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "tls/private_key.h"
#include "tls/tls_server.h"

struct keys {
	char *chain, *file;
	struct private_key *key;
	bool refuse;
	unsigned asked;
};

static inline bool
keys_sign(void *arg, struct span name, struct span scheme, struct span data,
    struct buf *signature)
{
	struct keys *k = arg;

	ck_assert(span_is(name, k->file));
	k->asked++;
	return !k->refuse && private_key_sign(k->key, scheme, data, signature);
}

/* kind: "rsa" or "ec". */
static inline struct tls_context *
keys_context(struct keys *k, const char *kind)
{
	struct tls_server_conf conf = { .certificate_count = 1,
		.protocols = ">=TLSv1",
		.ciphers = "medium",
		.exclude_ciphers = "" };
	struct tls_signer signer = { keys_sign, k };
	struct tls_context *t;
	struct why why;

	why_init(&why);
	k->chain = mem_printf("tests/data/tls/%s.crt", kind);
	k->file = mem_printf("tests/data/tls/%s.key", kind);
	k->refuse = false;
	k->asked = 0;
	k->key = private_key_load(k->file, &why);
	ck_assert_msg(k->key != NULL, "%s", why_text(&why));
	conf.certificates[0] = (struct tls_certificate){ k->chain, k->file };
	t = tls_server_new(&conf, &signer, &why);
	ck_assert_msg(t != NULL, "%s", why_text(&why));
	why_free(&why);
	return t;
}

static inline void
keys_free(struct keys *k)
{
	private_key_free(&k->key);
	free(k->chain);
	free(k->file);
}

#endif
