build-asan/lib/maps/regex_posix.o: lib/maps/regex_posix.c \
 lib/maps/regex.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/maps/rules.h
lib/maps/regex.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/maps/rules.h:
