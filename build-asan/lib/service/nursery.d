build-asan/lib/service/nursery.o: lib/service/nursery.c \
 lib/service/nursery.h lib/base/log.h lib/base/buf.h lib/base/span.h \
 lib/base/mem.h lib/base/must.h lib/calls/start_call.h lib/ipc/packet.h \
 lib/os/clock.h lib/os/file.h lib/os/loop.h lib/os/sock.h
lib/service/nursery.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
lib/calls/start_call.h:
lib/ipc/packet.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/loop.h:
lib/os/sock.h:
