$(eval $(call library,mauth))
