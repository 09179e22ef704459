build-asan/lib/rules/agent_serve.o: lib/rules/agent_serve.c \
 lib/rules/agent_serve.h lib/base/mem.h lib/rules/agent.h lib/base/span.h \
 lib/rules/options.h lib/rules/vars.h
lib/rules/agent_serve.h:
lib/base/mem.h:
lib/rules/agent.h:
lib/base/span.h:
lib/rules/options.h:
lib/rules/vars.h:
