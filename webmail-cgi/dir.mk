$(eval $(call program,webmail-cgi,bin/webmail.cgi))
