build-asan/lib/config/rewriting.o: lib/config/rewriting.c \
 lib/config/rewriting.h lib/config/param.h lib/base/span.h
lib/config/rewriting.h:
lib/config/param.h:
lib/base/span.h:
