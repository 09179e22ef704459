build-asan/lib/rules/run_log.o: lib/rules/run_log.c lib/os/clock.h \
 lib/os/file.h lib/base/span.h lib/rules/abstract.h lib/base/buf.h \
 lib/rules/letter.h lib/rules/run.h lib/rules/agent.h lib/rules/expand.h \
 lib/rules/rc.h lib/rules/vars.h
lib/os/clock.h:
lib/os/file.h:
lib/base/span.h:
lib/rules/abstract.h:
lib/base/buf.h:
lib/rules/letter.h:
lib/rules/run.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/vars.h:
