build-asan/lib/rules/expand.o: lib/rules/expand.c lib/rules/expand.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h
lib/rules/expand.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
