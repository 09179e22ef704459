build-asan/lib/ipc/channel.o: lib/ipc/channel.c lib/ipc/channel.h \
 lib/ipc/packet.h lib/base/buf.h lib/base/span.h lib/base/list.h \
 lib/base/log.h lib/base/mem.h lib/base/table.h lib/ipc/link.h \
 lib/os/clock.h lib/os/loop.h lib/os/sock.h
lib/ipc/channel.h:
lib/ipc/packet.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/list.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/table.h:
lib/ipc/link.h:
lib/os/clock.h:
lib/os/loop.h:
lib/os/sock.h:
