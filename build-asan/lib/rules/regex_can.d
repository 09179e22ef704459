build-asan/lib/rules/regex_can.o: lib/rules/regex_can.c lib/rules/regex.h \
 lib/base/span.h lib/base/mem.h lib/rules/regex_nodes.h
lib/rules/regex.h:
lib/base/span.h:
lib/base/mem.h:
lib/rules/regex_nodes.h:
