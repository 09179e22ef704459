build-asan/lib/base/buf.o: lib/base/buf.c lib/base/buf.h lib/base/span.h \
 lib/base/mem.h lib/base/must.h
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
