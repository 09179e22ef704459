build-asan/lib/config/edit.o: lib/config/edit.c lib/config/edit.h \
 lib/base/span.h lib/base/buf.h lib/config/lines.h
lib/config/edit.h:
lib/base/span.h:
lib/base/buf.h:
lib/config/lines.h:
