build-asan/lib/tls/tls_server.o: lib/tls/tls_server.c \
 lib/tls/tls_server.h lib/tls/context.h lib/base/span.h lib/base/buf.h \
 lib/base/must.h lib/base/why.h lib/tls/context_ssl.h \
 lib/tls/remote_key.h
lib/tls/tls_server.h:
lib/tls/context.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/must.h:
lib/base/why.h:
lib/tls/context_ssl.h:
lib/tls/remote_key.h:
