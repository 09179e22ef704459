build-asan/lib/rules/run_bounds.o: lib/rules/run_bounds.c lib/base/mem.h \
 lib/os/clock.h lib/rules/run.h lib/base/buf.h lib/base/span.h \
 lib/rules/agent.h lib/rules/expand.h lib/rules/rc.h lib/rules/vars.h
lib/base/mem.h:
lib/os/clock.h:
lib/rules/run.h:
lib/base/buf.h:
lib/base/span.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
