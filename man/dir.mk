# Every page here is installed; daemons' pages are NAME.8facteur
MANPAGES += $(sort $(wildcard man/*.[1-8] man/*.8facteur))
