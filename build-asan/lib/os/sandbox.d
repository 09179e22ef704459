build-asan/lib/os/sandbox.o: lib/os/sandbox.c lib/os/sandbox.h \
 lib/base/log.h lib/base/buf.h lib/base/span.h lib/base/mem.h \
 lib/base/must.h
lib/os/sandbox.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
