$(eval $(call library,route))
