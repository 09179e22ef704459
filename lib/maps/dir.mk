$(eval $(call library,maps))

# Tables of databases, each with the library of its own: see lib/maps/plugin.h
PLUGIN_FILES = $(PLUGINS:%=$(B)/libexec/maps/%.so)
programs: $(PLUGIN_FILES)
$(B)/libexec/maps/%.so: lib/maps/plugins/%.c lib/maps/plugin.h config.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(FLAGS_$*) $(CPPFLAGS) $(CFLAGS) $(EXTRA) \
		$(filter-out -fPIE,$(HARD)) -fPIC -shared $(LDFLAGS) \
		-Wl,-z,relro,-z,now -o $@ $< $(LIBS_$*)
