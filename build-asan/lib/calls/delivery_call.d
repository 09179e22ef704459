build-asan/lib/calls/delivery_call.o: lib/calls/delivery_call.c \
 lib/calls/delivery_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/base/arena.h lib/base/log.h lib/base/mem.h lib/calls/queue_call.h \
 lib/calls/why_call.h lib/ipc/packet.h
lib/calls/delivery_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/arena.h:
lib/base/log.h:
lib/base/mem.h:
lib/calls/queue_call.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
