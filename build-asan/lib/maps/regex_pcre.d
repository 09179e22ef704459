build-asan/lib/maps/regex_pcre.o: lib/maps/regex_pcre.c lib/maps/regex.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/base/utf8.h lib/maps/rules.h
lib/maps/regex.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/utf8.h:
lib/maps/rules.h:
