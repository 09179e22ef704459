build-asan/lib/rules/rc.o: lib/rules/rc.c lib/rules/rc.h lib/base/span.h \
 lib/base/arena.h lib/base/buf.h lib/base/mem.h lib/rules/expand.h
lib/rules/rc.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/rules/expand.h:
