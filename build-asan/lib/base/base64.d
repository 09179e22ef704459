build-asan/lib/base/base64.o: lib/base/base64.c lib/base/base64.h \
 lib/base/span.h lib/base/buf.h lib/base/number.h
lib/base/base64.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
