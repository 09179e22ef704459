build-asan/lib/base/log.o: lib/base/log.c lib/base/log.h lib/base/buf.h \
 lib/base/span.h lib/base/must.h lib/base/utf8.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/must.h:
lib/base/utf8.h:
