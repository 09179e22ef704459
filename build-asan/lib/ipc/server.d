build-asan/lib/ipc/server.o: lib/ipc/server.c lib/ipc/server.h \
 lib/ipc/packet.h lib/base/buf.h lib/base/span.h lib/base/list.h \
 lib/base/log.h lib/base/mem.h lib/ipc/link.h lib/os/loop.h lib/os/sock.h
lib/ipc/server.h:
lib/ipc/packet.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/list.h:
lib/base/log.h:
lib/base/mem.h:
lib/ipc/link.h:
lib/os/loop.h:
lib/os/sock.h:
