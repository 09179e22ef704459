$(eval $(call library,tls))
