build-asan/lib/mauth/authres.o: lib/mauth/authres.c lib/mauth/authres.h \
 lib/base/span.h lib/base/buf.h
lib/mauth/authres.h:
lib/base/span.h:
lib/base/buf.h:
