build-asan/lib/calls/start_call.o: lib/calls/start_call.c \
 lib/calls/start_call.h lib/base/span.h lib/base/arena.h lib/ipc/packet.h \
 lib/base/buf.h
lib/calls/start_call.h:
lib/base/span.h:
lib/base/arena.h:
lib/ipc/packet.h:
lib/base/buf.h:
