# The account that the service runs under. It outlives the package, so that no other account is ever given what it left.
if ! getent passwd stoa-connect >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/stoa-connect --no-create-home --shell /usr/sbin/nologin --comment 'STOA Connect' stoa-connect
fi
