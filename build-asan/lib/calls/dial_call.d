build-asan/lib/calls/dial_call.o: lib/calls/dial_call.c \
 lib/calls/dial_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/calls/why_call.h lib/ipc/packet.h
lib/calls/dial_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
