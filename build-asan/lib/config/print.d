build-asan/lib/config/print.o: lib/config/print.c lib/config/print.h \
 lib/base/span.h lib/base/buf.h lib/config/master_cf.h
lib/config/print.h:
lib/base/span.h:
lib/base/buf.h:
lib/config/master_cf.h:
