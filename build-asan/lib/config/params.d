build-asan/lib/config/params.o: lib/config/params.c lib/config/param.h \
 lib/base/span.h lib/config/params_a_m.h lib/config/params_n_z.h
lib/config/param.h:
lib/base/span.h:
lib/config/params_a_m.h:
lib/config/params_n_z.h:
