build-asan/lib/mauth/dmarc.o: lib/mauth/dmarc.c lib/mauth/dmarc.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/number.h \
 lib/dns/answer.h lib/dns/name.h lib/mauth/passage.h lib/mauth/suffixes.h \
 lib/mauth/tags.h lib/message/address.h
lib/mauth/dmarc.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/dns/answer.h:
lib/dns/name.h:
lib/mauth/passage.h:
lib/mauth/suffixes.h:
lib/mauth/tags.h:
lib/message/address.h:
