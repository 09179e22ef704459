build-asan/lib/os/deflate.o: lib/os/deflate.c lib/os/deflate.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/base/must.h
lib/os/deflate.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
