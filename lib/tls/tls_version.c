/* tls_version.c - which OpenSSL this is, in its own words */

#include "tls/tls_version.h"

#include <openssl/crypto.h>
#include <openssl/opensslv.h>

const char *
tls_version(bool running)
{
	return running ? OpenSSL_version(OPENSSL_VERSION)
		       : OPENSSL_VERSION_TEXT;
}
