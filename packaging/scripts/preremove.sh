#!/bin/sh
# Before the files go. deb calls it with "remove" (or "upgrade"), rpm with 0 (or 1 on an upgrade).
# deb keeps what was enabled until the package is purged; rpm has no purge, so it is disabled here.
set -e

case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac

if [ -d /run/systemd/system ]; then
	systemctl stop 'crucible@*.service' 'crucible@*.socket'
fi
if [ "$1" = 0 ] && command -v systemctl >/dev/null; then
	systemctl --no-reload disable crucible@.service
fi
