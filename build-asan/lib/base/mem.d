build-asan/lib/base/mem.o: lib/base/mem.c lib/base/mem.h lib/base/log.h \
 lib/base/buf.h lib/base/span.h
lib/base/mem.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
