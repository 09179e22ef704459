build-asan/lib/tls/tls_peer.o: lib/tls/tls_peer.c lib/tls/tls_peer.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/tls/context_ssl.h \
 lib/tls/context.h lib/tls/tls_stream.h
lib/tls/tls_peer.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/tls/context_ssl.h:
lib/tls/context.h:
lib/tls/tls_stream.h:
