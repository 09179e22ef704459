build-asan/lib/base/secret.o: lib/base/secret.c lib/base/secret.h \
 lib/base/span.h lib/base/mem.h lib/base/must.h
lib/base/secret.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
