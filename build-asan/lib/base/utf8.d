build-asan/lib/base/utf8.o: lib/base/utf8.c lib/base/utf8.h \
 lib/base/span.h lib/base/buf.h lib/base/must.h
lib/base/utf8.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/must.h:
