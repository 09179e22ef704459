build-asan/lib/sasl/sasl_server.o: lib/sasl/sasl_server.c \
 lib/sasl/sasl_server.h lib/base/span.h lib/base/base64.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/base/secret.h lib/base/utf8.h
lib/sasl/sasl_server.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/secret.h:
lib/base/utf8.h:
