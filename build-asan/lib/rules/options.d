build-asan/lib/rules/options.o: lib/rules/options.c lib/rules/options.h \
 lib/base/mem.h lib/base/span.h
lib/rules/options.h:
lib/base/mem.h:
lib/base/span.h:
