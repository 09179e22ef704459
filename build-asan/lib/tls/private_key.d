build-asan/lib/tls/private_key.o: lib/tls/private_key.c \
 lib/tls/private_key.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/must.h lib/base/why.h lib/os/file.h lib/tls/context_ssl.h \
 lib/tls/context.h lib/tls/pss.h
lib/tls/private_key.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/why.h:
lib/os/file.h:
lib/tls/context_ssl.h:
lib/tls/context.h:
lib/tls/pss.h:
