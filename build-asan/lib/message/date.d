build-asan/lib/message/date.o: lib/message/date.c lib/message/date.h \
 lib/base/span.h lib/base/buf.h lib/base/must.h lib/base/number.h
lib/message/date.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/must.h:
lib/base/number.h:
