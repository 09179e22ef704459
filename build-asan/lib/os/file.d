build-asan/lib/os/file.o: lib/os/file.c lib/os/file.h lib/base/span.h \
 lib/base/buf.h lib/base/mem.h lib/os/fault.h
lib/os/file.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/os/fault.h:
