build-asan/lib/config/remarks.o: lib/config/remarks.c \
 lib/config/remarks.h lib/config/places.h lib/base/buf.h lib/base/span.h \
 lib/base/log.h lib/base/why.h lib/config/courier.h lib/config/findings.h \
 lib/config/master_cf.h lib/config/notes.h lib/config/param.h
lib/config/remarks.h:
lib/config/places.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/log.h:
lib/base/why.h:
lib/config/courier.h:
lib/config/findings.h:
lib/config/master_cf.h:
lib/config/notes.h:
lib/config/param.h:
