/* sign.h - signatures for the tests, with keys of tests/data/mauth */

#ifndef TESTS_MAUTH_SIGN_H
#define TESTS_MAUTH_SIGN_H

#include <check.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/why.h"
#include "mauth/crypto.h"
#include "os/file.h"
#include "tls/private_key.h"

/* Append the signature of digest with the key in file, and to record the text
 * of a key record that fits. */
static inline void
sign_with(const char *file, const unsigned char *digest, struct buf *signature,
    struct buf *record)
{
	struct buf path = BUF_EMPTY;
	struct private_key *k;
	struct why why;
	bool rsa = strstr(file, "rsa") != NULL;

	why_init(&why);
	buf_printf(&path, "tests/data/mauth/%s", file);
	k = private_key_load(buf_str(&path), &why);
	ck_assert_msg(k != NULL, "%s", why_text(&why));
	ck_assert(
	    private_key_sign(k, rsa ? SPAN("pkcs1:SHA256") : SPAN("ed25519"),
		span_of((const char *)digest, SHA256_BYTES), signature));
	private_key_free(&k);
	buf_clear(&path);
	buf_printf(
	    &path, "tests/data/mauth/%s.record", rsa ? "rsa" : "ed25519");
	buf_clear(record);
	ck_assert_int_eq(file_read_path(buf_str(&path), 4096, record), 0);
	buf_free(&path);
	why_free(&why);
}

#endif
