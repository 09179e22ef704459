build-asan/lib/rules/regex_parse.o: lib/rules/regex_parse.c \
 lib/rules/regex_nodes.h lib/base/span.h lib/rules/regex.h lib/base/mem.h \
 lib/base/table.h
lib/rules/regex_nodes.h:
lib/base/span.h:
lib/rules/regex.h:
lib/base/mem.h:
lib/base/table.h:
