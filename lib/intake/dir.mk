$(eval $(call library,intake))
