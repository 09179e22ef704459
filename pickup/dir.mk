$(eval $(call daemon,pickup))
