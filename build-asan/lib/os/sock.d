build-asan/lib/os/sock.o: lib/os/sock.c lib/os/sock.h lib/base/span.h \
 lib/base/buf.h
lib/os/sock.h:
lib/base/span.h:
lib/base/buf.h:
