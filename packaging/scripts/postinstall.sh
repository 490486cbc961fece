#!/bin/sh
# After the files are in place. deb calls it with "configure" and, on an upgrade, the old version;
# rpm with 1 on installation and 2 on an upgrade. Nothing is enabled or started here: which
# profile a machine serves is the operator's choice (systemctl enable --now crucible@redis).
set -e

upgrade=
case "$1" in
configure) [ -z "$2" ] || upgrade=yes ;;
1) ;;
2) upgrade=yes ;;
*) exit 0 ;;
esac

# The account comes first: both the directories and the service name it.
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers crucible.conf
elif ! getent passwd crucible >/dev/null; then
	useradd --system --user-group --no-create-home --home-dir /var/lib/crucible \
		--shell /usr/sbin/nologin --comment "Crucible cache server" crucible
fi

if command -v systemd-tmpfiles >/dev/null; then
	systemd-tmpfiles --create crucible.conf
fi

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# Whatever runs goes on with the new binary; an instance that is stopped stays stopped.
	if [ -n "$upgrade" ]; then
		systemctl try-restart 'crucible@*.service'
	fi
fi
