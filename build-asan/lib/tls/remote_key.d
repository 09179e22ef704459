build-asan/lib/tls/remote_key.o: lib/tls/remote_key.c \
 lib/tls/remote_key.h lib/tls/context.h lib/base/span.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/base/why.h
lib/tls/remote_key.h:
lib/tls/context.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/why.h:
