$(eval $(call library,maps))
