build-asan/lib/base/table.o: lib/base/table.c lib/base/table.h \
 lib/base/span.h lib/base/mem.h lib/base/must.h
lib/base/table.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
