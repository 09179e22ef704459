build-asan/lib/tls/tls_client.o: lib/tls/tls_client.c \
 lib/tls/tls_client.h lib/tls/context.h lib/base/span.h \
 lib/tls/tls_server.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/base/why.h lib/tls/context_ssl.h lib/tls/remote_key.h
lib/tls/tls_client.h:
lib/tls/context.h:
lib/base/span.h:
lib/tls/tls_server.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/why.h:
lib/tls/context_ssl.h:
lib/tls/remote_key.h:
