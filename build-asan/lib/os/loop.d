build-asan/lib/os/loop.o: lib/os/loop.c lib/os/loop.h lib/base/log.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/base/must.h
lib/os/loop.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
