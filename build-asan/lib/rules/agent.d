build-asan/lib/rules/agent.o: lib/rules/agent.c lib/rules/agent.h \
 lib/base/span.h lib/base/mem.h lib/os/file.h lib/rules/deposit.h \
 lib/base/buf.h lib/rules/letter.h lib/rules/program.h lib/rules/run.h \
 lib/rules/expand.h lib/rules/rc.h lib/rules/run_files.h lib/rules/vars.h
lib/rules/agent.h:
lib/base/span.h:
lib/base/mem.h:
lib/os/file.h:
lib/rules/deposit.h:
lib/base/buf.h:
lib/rules/letter.h:
lib/rules/program.h:
lib/rules/run.h:
lib/rules/expand.h:
lib/rules/rc.h:
lib/rules/run_files.h:
lib/rules/vars.h:
