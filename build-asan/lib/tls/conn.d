build-asan/lib/tls/conn.o: lib/tls/conn.c lib/tls/conn.h lib/base/span.h \
 lib/tls/tls_stream.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/os/loop.h lib/tls/context.h
lib/tls/conn.h:
lib/base/span.h:
lib/tls/tls_stream.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/os/loop.h:
lib/tls/context.h:
