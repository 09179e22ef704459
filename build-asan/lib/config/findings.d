build-asan/lib/config/findings.o: lib/config/findings.c \
 lib/config/findings.h lib/base/span.h lib/base/arena.h lib/base/mem.h \
 lib/base/table.h lib/config/foreign.h lib/config/macro.h \
 lib/config/param.h lib/config/served.h
lib/config/findings.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/base/table.h:
lib/config/foreign.h:
lib/config/macro.h:
lib/config/param.h:
lib/config/served.h:
