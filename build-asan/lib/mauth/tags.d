build-asan/lib/mauth/tags.o: lib/mauth/tags.c lib/mauth/tags.h \
 lib/base/span.h lib/base/base64.h lib/base/buf.h
lib/mauth/tags.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
