build-asan/lib/rules/check.o: lib/rules/check.c lib/rules/check.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/table.h lib/rules/check_private.h \
 lib/rules/expand.h lib/rules/rc.h lib/rules/vars.h
lib/rules/check.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/table.h:
lib/rules/check_private.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
