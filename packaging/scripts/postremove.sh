#!/bin/sh
# After the files are gone. deb calls it with "remove" and later "purge", rpm with 0 (1 on an upgrade).
# The account stays, as Debian and Fedora both have it: files elsewhere may still belong to it.
set -e

case "$1" in
remove | purge | 0) ;;
*) exit 0 ;;
esac

if [ "$1" = purge ]; then
	# What `systemctl enable` and `systemctl edit` left for the instances; the unit itself is gone.
	rm -f /etc/systemd/system/*.wants/crucible@*.service /etc/systemd/system/*.wants/crucible@*.socket
	rm -rf /etc/systemd/system/crucible@*.service.d
	rm -rf /var/lib/crucible /run/crucible
	# dpkg has removed the profiles it brought; profiles of the operator's own are not ours to delete.
	rmdir --ignore-fail-on-non-empty /etc/crucible 2>/dev/null || true
fi

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl reset-failed 'crucible@*.service'
fi
