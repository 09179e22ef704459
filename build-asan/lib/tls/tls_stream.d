build-asan/lib/tls/tls_stream.o: lib/tls/tls_stream.c \
 lib/tls/tls_stream.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/must.h lib/tls/context_ssl.h lib/tls/context.h
lib/tls/tls_stream.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/tls/context_ssl.h:
lib/tls/context.h:
