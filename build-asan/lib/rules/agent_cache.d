build-asan/lib/rules/agent_cache.o: lib/rules/agent_cache.c \
 lib/base/mem.h lib/base/table.h lib/base/span.h lib/rules/regex.h \
 lib/rules/run.h lib/base/buf.h lib/rules/agent.h lib/rules/expand.h \
 lib/rules/rc.h
lib/base/mem.h:
lib/base/table.h:
lib/base/span.h:
lib/rules/regex.h:
lib/rules/run.h:
lib/base/buf.h:
lib/rules/agent.h:
lib/rules/expand.h:
lib/rules/rc.h:
