build-asan/lib/rules/check_condition.o: lib/rules/check_condition.c \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/base/number.h \
 lib/base/table.h lib/rules/check_private.h lib/rules/check.h \
 lib/rules/expand.h lib/rules/rc.h lib/rules/condition.h \
 lib/rules/score.h lib/rules/regex.h
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/table.h:
lib/rules/check_private.h:
lib/rules/check.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/condition.h:
lib/rules/score.h:
lib/rules/regex.h:
