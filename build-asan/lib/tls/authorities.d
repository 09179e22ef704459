build-asan/lib/tls/authorities.o: lib/tls/authorities.c lib/base/buf.h \
 lib/base/span.h lib/base/why.h lib/tls/context_ssl.h lib/tls/context.h
lib/base/buf.h:
lib/base/span.h:
lib/base/why.h:
lib/tls/context_ssl.h:
lib/tls/context.h:
