build-asan/lib/rules/run_program.o: lib/rules/run_program.c \
 lib/base/arena.h lib/base/span.h lib/base/mem.h lib/rules/letter.h \
 lib/base/buf.h lib/rules/program.h lib/rules/run.h lib/rules/agent.h \
 lib/rules/expand.h lib/rules/rc.h lib/rules/vars.h
lib/base/arena.h:
lib/base/span.h:
lib/base/mem.h:
lib/rules/letter.h:
lib/base/buf.h:
lib/rules/program.h:
lib/rules/run.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
