build-asan/lib/ipc/ask.o: lib/ipc/ask.c lib/ipc/ask.h lib/ipc/packet.h \
 lib/base/buf.h lib/base/span.h lib/os/sock.h
lib/ipc/ask.h:
lib/ipc/packet.h:
lib/base/buf.h:
lib/base/span.h:
lib/os/sock.h:
