/* tls_version.h - which OpenSSL this is, in its own words */

#ifndef TLS_TLS_VERSION_H
#define TLS_TLS_VERSION_H

#include <stdbool.h>

/* "OpenSSL 3.0.11 19 Sep 2023": of the library that runs, or of the headers
 * that it was built with. */
const char *tls_version(bool running);

#endif
