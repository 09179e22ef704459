build-asan/lib/rules/run_condition.o: lib/rules/run_condition.c \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/rules/condition.h \
 lib/rules/score.h lib/rules/letter.h lib/rules/program.h \
 lib/rules/regex.h lib/rules/run.h lib/rules/agent.h lib/rules/expand.h \
 lib/rules/rc.h lib/rules/vars.h
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/rules/condition.h:
lib/rules/score.h:
lib/rules/letter.h:
lib/rules/program.h:
lib/rules/regex.h:
lib/rules/run.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
