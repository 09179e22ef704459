/* test_private_key.c - tls/private_key.h: what is signed, what is refused */

#include "tls/private_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/why.h"
#include "tests/unit.h"
#include "tls/pss.h"

static struct private_key *
load(const char *path)
{
	struct why why;
	struct private_key *k;

	why_init(&why);
	k = private_key_load(path, &why);
	ck_assert_msg(k != NULL, "%s", why_text(&why));
	why_free(&why);
	return k;
}

static EVP_PKEY *
pkey_of(const char *path)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *p;

	ck_assert_ptr_nonnull(f);
	p = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(p);
	fclose(f);
	return p;
}

static const struct {
	const char *path, *scheme;
	size_t bytes;
	bool good;
} signs[] = {
	{ "tests/data/tls/rsa.key", "pkcs1:SHA256", 32, true },
	{ "tests/data/tls/rsa.key", "pkcs1:SHA512", 64, true },
	{ "tests/data/tls/rsa.key", "pkcs1:SHA1", 20, true },
	{ "tests/data/tls/rsa.key", "pkcs1:SHA256", 31, false },
	{ "tests/data/tls/rsa.key", "pkcs1:SHA512", 32, false },
	{ "tests/data/tls/rsa.key", "pkcs1:MD5", 16, false },
	{ "tests/data/tls/rsa.key", "pkcs1:", 32, false },
	{ "tests/data/tls/rsa.key", "", 32, false },
	{ "tests/data/tls/rsa.key", "ecdsa", 32, false },
	{ "tests/data/tls/rsa.key", "raw", 256, false },
	{ "tests/data/tls/rsa.key", "pss", 256, false }, /* no PSS block */
	{ "tests/data/tls/rsa.key", "pss", 0, false },
	{ "tests/data/tls/rsa.key", "pss", 255, false },
	{ "tests/data/tls/ec.key", "ecdsa", 32, true },
	{ "tests/data/tls/ec.key", "ecdsa", 48, true },
	{ "tests/data/tls/ec.key", "ecdsa", 19, false },
	{ "tests/data/tls/ec.key", "ecdsa", 65, false },
	{ "tests/data/tls/ec.key", "pkcs1:SHA256", 32, false },
	{ "tests/data/tls/ec.key", "pss", 256, false },
};

START_TEST(schemes)
{
	struct private_key *k = load(signs[_i].path);
	struct buf signature = BUF_EMPTY;
	char data[300];

	memset(data, 0x5a, sizeof(data));
	ck_assert_msg(
	    private_key_sign(k, span_str(signs[_i].scheme),
		span_of(data, signs[_i].bytes), &signature) == signs[_i].good,
	    "%s %s %zu", signs[_i].path, signs[_i].scheme, signs[_i].bytes);
	ck_assert((signature.n > 0) == signs[_i].good);
	buf_free(&signature);
	private_key_free(&k);
}
END_TEST

/* The block that OpenSSL pads is what was signed: undo the signature. */
static void
block_of(EVP_PKEY *pkey, const EVP_MD *md, int salt, struct buf *block)
{
	unsigned char digest[64] = "some digest", signature[512];
	size_t n = sizeof(signature), room = 512;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	ck_assert(EVP_PKEY_sign_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) > 0 &&
	    EVP_PKEY_sign(
		ctx, signature, &n, digest, (size_t)EVP_MD_get_size(md)) > 0);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	ck_assert(EVP_PKEY_verify_recover_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	    EVP_PKEY_verify_recover(ctx, (unsigned char *)buf_room(block, room),
		&room, signature, n) > 0);
	block->n = room;
	EVP_PKEY_CTX_free(ctx);
}

static const struct {
	unsigned bits;
	const EVP_MD *(*md)(void);
	int salt;
	bool good;
} blocks[] = {
	{ 2048, EVP_sha256, RSA_PSS_SALTLEN_DIGEST, true },
	{ 2048, EVP_sha384, RSA_PSS_SALTLEN_DIGEST, true },
	{ 2048, EVP_sha512, RSA_PSS_SALTLEN_DIGEST, true },
	{ 1025, EVP_sha256, RSA_PSS_SALTLEN_DIGEST, true },
	{ 1026, EVP_sha256, RSA_PSS_SALTLEN_DIGEST, true },
	{ 1031, EVP_sha384, RSA_PSS_SALTLEN_DIGEST, true },
	{ 2048, EVP_sha256, 20, false },
	{ 2048, EVP_sha1, RSA_PSS_SALTLEN_DIGEST, false },
};

START_TEST(pss_blocks)
{
	EVP_PKEY *pkey = EVP_RSA_gen(blocks[_i].bits);
	struct buf block = BUF_EMPTY;

	block_of(pkey, blocks[_i].md(), blocks[_i].salt, &block);
	ck_assert(pss_wellformed(buf_span(&block), blocks[_i].bits) ==
	    blocks[_i].good);
	/* any byte but the salt's and the digest's own spoils it */
	for (size_t at = 0; blocks[_i].good && at < block.n; at++) {
		block.p[at] ^= 0x10;
		if (at < 8 || at == block.n - 1)
			ck_assert_msg(
			    !pss_wellformed(buf_span(&block), blocks[_i].bits),
			    "byte %zu", at);
		block.p[at] ^= 0x10;
	}
	ck_assert(!pss_wellformed(
	    span_head(buf_span(&block), block.n - 1), blocks[_i].bits));
	buf_free(&block);
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(pss_signed)
{
	EVP_PKEY *pkey = pkey_of("tests/data/tls/rsa.key");
	struct private_key *k = load("tests/data/tls/rsa.key");
	struct buf block = BUF_EMPTY, signature = BUF_EMPTY;

	block_of(pkey, EVP_sha256(), RSA_PSS_SALTLEN_DIGEST, &block);
	ck_assert(
	    private_key_sign(k, SPAN("pss"), buf_span(&block), &signature));
	ck_assert_uint_eq(signature.n, 256);
	block.p[100] ^= 1;
	ck_assert(
	    !private_key_sign(k, SPAN("pss"), buf_span(&block), &signature));
	ck_assert_uint_eq(signature.n, 256);
	buf_free(&block);
	buf_free(&signature);
	EVP_PKEY_free(pkey);
	private_key_free(&k);
}
END_TEST

static const struct {
	const char *path, *says;
} refused[] = {
	{ "tests/data/tls/absent", "No such file" },
	{ "tests/data/tls/rsa.crt", "no private key" },
	{ "tests/data/tls/README", "no private key" },
	{ "/dev/null", "empty" },
};

START_TEST(load_refused)
{
	struct why why;

	why_init(&why);
	ck_assert_ptr_null(private_key_load(refused[_i].path, &why));
	ck_assert_msg(strstr(why_text(&why), refused[_i].says) != NULL &&
		strstr(why_text(&why), refused[_i].path) != NULL,
	    "%s", why_text(&why));
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, schemes, 0, UNIT_COUNT(signs));
	tcase_add_loop_test(t, pss_blocks, 0, UNIT_COUNT(blocks));
	tcase_add_test(t, pss_signed);
	tcase_add_loop_test(t, load_refused, 0, UNIT_COUNT(refused));
}

int
main(void)
{
	return unit_main("tls/private_key", fill);
}
