build-asan/lib/ipc/packet.o: lib/ipc/packet.c lib/ipc/packet.h \
 lib/base/buf.h lib/base/span.h lib/base/base64.h lib/base/must.h \
 lib/base/number.h
lib/ipc/packet.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/must.h:
lib/base/number.h:
