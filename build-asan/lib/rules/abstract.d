build-asan/lib/rules/abstract.o: lib/rules/abstract.c \
 lib/rules/abstract.h lib/base/buf.h lib/base/span.h
lib/rules/abstract.h:
lib/base/buf.h:
lib/base/span.h:
