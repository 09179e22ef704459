$(eval $(call daemon,deliver))
