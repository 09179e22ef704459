build-asan/lib/os/dial.o: lib/os/dial.c lib/os/dial.h lib/base/mem.h \
 lib/os/loop.h lib/os/sock.h lib/base/span.h
lib/os/dial.h:
lib/base/mem.h:
lib/os/loop.h:
lib/os/sock.h:
lib/base/span.h:
