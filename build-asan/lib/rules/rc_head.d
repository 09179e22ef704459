build-asan/lib/rules/rc_head.o: lib/rules/rc_head.c lib/rules/rc.h \
 lib/base/span.h lib/base/buf.h lib/base/number.h
lib/rules/rc.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
