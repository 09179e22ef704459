build-asan/lib/rules/run_vars.o: lib/rules/run_vars.c lib/base/mem.h \
 lib/base/number.h lib/base/span.h lib/rules/run.h lib/base/buf.h \
 lib/rules/agent.h lib/rules/expand.h lib/rules/rc.h \
 lib/rules/run_files.h lib/rules/score.h lib/rules/vars.h
lib/base/mem.h:
lib/base/number.h:
lib/base/span.h:
lib/rules/run.h:
lib/base/buf.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/run_files.h:
lib/rules/score.h:
lib/rules/vars.h:
