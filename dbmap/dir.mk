$(eval $(call daemon,dbmap))
