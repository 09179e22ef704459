build-asan/lib/tls/context.o: lib/tls/context.c lib/tls/context.h \
 lib/base/span.h lib/base/buf.h lib/base/log.h lib/base/mem.h \
 lib/tls/context_ssl.h lib/tls/remote_key.h
lib/tls/context.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/tls/context_ssl.h:
lib/tls/remote_key.h:
