#!/bin/sh
# links.sh - programs are linked only with the libraries of tests/lint/links
#
# Looks at what is built; a program that is not, or has no row, passes.
set -u
build=${BUILD:-build}
bad=0
grep -v '^#' tests/lint/links | while IFS=: read -r program allowed; do
	for file in "$build/libexec/$program" "$build/bin/$program"; do
		[ -f "$file" ] || continue
		for library in $(readelf -d "$file" |
			sed -n 's/.*(NEEDED).*\[lib\(.*\)\.so.*/\1/p'); do
			library=${library%-[0-9]*}
			case " c m $allowed " in
			*" $library "*) ;;
			*) echo "$file: linked with $library" ;;
			esac
		done
	done
done | grep . && bad=1
exit $bad
