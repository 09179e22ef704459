build-asan/lib/calls/why_call.o: lib/calls/why_call.c \
 lib/calls/why_call.h lib/base/why.h lib/base/buf.h lib/base/span.h \
 lib/ipc/packet.h
lib/calls/why_call.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/span.h:
lib/ipc/packet.h:
