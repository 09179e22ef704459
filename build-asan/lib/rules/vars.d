build-asan/lib/rules/vars.o: lib/rules/vars.c lib/rules/vars.h \
 lib/base/span.h lib/base/arena.h lib/base/mem.h lib/base/table.h
lib/rules/vars.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/base/table.h:
