build-asan/lib/rules/letter.o: lib/rules/letter.c lib/rules/letter.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h
lib/rules/letter.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
