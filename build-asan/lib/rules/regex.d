build-asan/lib/rules/regex.o: lib/rules/regex.c lib/rules/regex.h \
 lib/base/span.h lib/base/mem.h lib/base/table.h lib/rules/regex_nodes.h
lib/rules/regex.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/table.h:
lib/rules/regex_nodes.h:
