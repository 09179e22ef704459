$(eval $(call library,calls))
