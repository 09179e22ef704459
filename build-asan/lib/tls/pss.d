build-asan/lib/tls/pss.o: lib/tls/pss.c lib/tls/pss.h lib/base/span.h \
 lib/base/must.h
lib/tls/pss.h:
lib/base/span.h:
lib/base/must.h:
