$(eval $(call library,dns))
