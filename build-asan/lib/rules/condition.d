build-asan/lib/rules/condition.o: lib/rules/condition.c \
 lib/rules/condition.h lib/base/span.h lib/rules/score.h lib/rules/vars.h
lib/rules/condition.h:
lib/base/span.h:
lib/rules/score.h:
lib/rules/vars.h:
