build-asan/lib/calls/key_call.o: lib/calls/key_call.c \
 lib/calls/key_call.h lib/base/span.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/ipc/ask.h lib/ipc/packet.h lib/os/file.h
lib/calls/key_call.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/ipc/ask.h:
lib/ipc/packet.h:
lib/os/file.h:
