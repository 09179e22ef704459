build-asan/lib/base/why.o: lib/base/why.c lib/base/why.h lib/base/buf.h \
 lib/base/span.h
lib/base/why.h:
lib/base/buf.h:
lib/base/span.h:
