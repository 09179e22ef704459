build-asan/lib/route/srs.o: lib/route/srs.c lib/route/srs.h \
 lib/base/span.h lib/base/base64.h lib/base/buf.h lib/base/digest.h \
 lib/base/mem.h lib/base/secret.h lib/base/why.h lib/os/file.h
lib/route/srs.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/digest.h:
lib/base/mem.h:
lib/base/secret.h:
lib/base/why.h:
lib/os/file.h:
