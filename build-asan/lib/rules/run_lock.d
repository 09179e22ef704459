build-asan/lib/rules/run_lock.o: lib/rules/run_lock.c lib/base/mem.h \
 lib/mailbox/dotlock.h lib/os/file.h lib/base/span.h lib/os/clock.h \
 lib/rules/run.h lib/base/buf.h lib/rules/agent.h lib/rules/expand.h \
 lib/rules/rc.h
lib/base/mem.h:
lib/mailbox/dotlock.h:
lib/os/file.h:
lib/base/span.h:
lib/os/clock.h:
lib/rules/run.h:
lib/base/buf.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
