build-asan/lib/config/foreign.o: lib/config/foreign.c \
 lib/config/foreign.h lib/base/span.h lib/config/param.h
lib/config/foreign.h:
lib/base/span.h:
lib/config/param.h:
