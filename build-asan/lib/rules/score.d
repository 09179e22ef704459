build-asan/lib/rules/score.o: lib/rules/score.c lib/rules/score.h \
 lib/base/span.h lib/base/mem.h
lib/rules/score.h:
lib/base/span.h:
lib/base/mem.h:
