build-asan/lib/rules/check_action.o: lib/rules/check_action.c \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/table.h \
 lib/rules/check_private.h lib/rules/check.h lib/rules/expand.h \
 lib/rules/rc.h lib/rules/vars.h
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/table.h:
lib/rules/check_private.h:
lib/rules/check.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
