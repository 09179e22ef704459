build-asan/lib/config/lines.o: lib/config/lines.c lib/config/lines.h \
 lib/base/span.h lib/base/why.h lib/base/buf.h lib/config/notes.h
lib/config/lines.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/config/notes.h:
