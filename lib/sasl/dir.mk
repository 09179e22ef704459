$(eval $(call library,sasl))
