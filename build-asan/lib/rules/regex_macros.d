build-asan/lib/rules/regex_macros.o: lib/rules/regex_macros.c \
 lib/rules/regex.h lib/base/span.h lib/base/buf.h
lib/rules/regex.h:
lib/base/span.h:
lib/base/buf.h:
