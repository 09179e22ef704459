build-asan/lib/ipc/link.o: lib/ipc/link.c lib/ipc/link.h lib/ipc/packet.h \
 lib/base/buf.h lib/base/span.h lib/base/list.h lib/base/log.h \
 lib/base/mem.h lib/os/loop.h
lib/ipc/link.h:
lib/ipc/packet.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/list.h:
lib/base/log.h:
lib/base/mem.h:
lib/os/loop.h:
