build-asan/lib/rules/run_action.o: lib/rules/run_action.c \
 lib/rules/deposit.h lib/base/buf.h lib/base/span.h lib/rules/letter.h \
 lib/rules/program.h lib/rules/run.h lib/rules/agent.h lib/rules/expand.h \
 lib/rules/rc.h lib/rules/vars.h
lib/rules/deposit.h:
lib/base/buf.h:
lib/base/span.h:
lib/rules/letter.h:
lib/rules/program.h:
lib/rules/run.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
