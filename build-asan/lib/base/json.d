build-asan/lib/base/json.o: lib/base/json.c lib/base/json.h \
 lib/base/span.h lib/base/buf.h lib/base/utf8.h
lib/base/json.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/utf8.h:
