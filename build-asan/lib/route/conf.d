build-asan/lib/route/conf.o: lib/route/conf.c lib/route/conf.h \
 lib/config/param.h lib/base/span.h
lib/route/conf.h:
lib/config/param.h:
lib/base/span.h:
