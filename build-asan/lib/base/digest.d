build-asan/lib/base/digest.o: lib/base/digest.c lib/base/digest.h \
 lib/base/span.h lib/base/must.h
lib/base/digest.h:
lib/base/span.h:
lib/base/must.h:
