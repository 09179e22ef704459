build-asan/lib/calls/bounce_call.o: lib/calls/bounce_call.c \
 lib/calls/bounce_call.h lib/base/span.h lib/base/arena.h \
 lib/calls/queue_call.h lib/calls/why_call.h lib/ipc/packet.h \
 lib/base/buf.h
lib/calls/bounce_call.h:
lib/base/span.h:
lib/base/arena.h:
lib/calls/queue_call.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
lib/base/buf.h:
