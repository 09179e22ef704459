build-asan/lib/service/service.o: lib/service/service.c \
 lib/service/service.h lib/os/sandbox.h lib/base/arena.h lib/base/span.h \
 lib/base/log.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/base/table.h lib/base/why.h lib/calls/start_call.h \
 lib/config/param.h lib/ipc/channel.h lib/ipc/packet.h lib/ipc/link.h \
 lib/os/loop.h lib/os/users.h lib/service/nursery.h
lib/service/service.h:
lib/os/sandbox.h:
lib/base/arena.h:
lib/base/span.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/base/why.h:
lib/calls/start_call.h:
lib/config/param.h:
lib/ipc/channel.h:
lib/ipc/packet.h:
lib/ipc/link.h:
lib/os/loop.h:
lib/os/users.h:
lib/service/nursery.h:
