$(eval $(call daemon,managesieve))
