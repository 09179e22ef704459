build-asan/lib/os/stream.o: lib/os/stream.c lib/os/stream.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/os/clock.h \
 lib/os/deflate.h
lib/os/stream.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/os/clock.h:
lib/os/deflate.h:
