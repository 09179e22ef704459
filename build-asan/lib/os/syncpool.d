build-asan/lib/os/syncpool.o: lib/os/syncpool.c lib/os/syncpool.h \
 lib/base/span.h lib/base/list.h lib/base/log.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/os/file.h lib/os/loop.h
lib/os/syncpool.h:
lib/base/span.h:
lib/base/list.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/os/file.h:
lib/os/loop.h:
