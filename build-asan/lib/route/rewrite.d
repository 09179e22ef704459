build-asan/lib/route/rewrite.o: lib/route/rewrite.c lib/route/rewrite.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/message/address.h \
 lib/route/conf.h lib/config/param.h
lib/route/rewrite.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/message/address.h:
lib/route/conf.h:
lib/config/param.h:
