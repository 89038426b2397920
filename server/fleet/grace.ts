/**
 * Longer than a few missed rounds of the sweeper: then the whole Control Plane or its database was away, nobody could have been heard, and the
 * leases that were good at its last mark are not over.
 */
export const gapS = 20;

/** The sweeper's mark, for a statement that judges leases `l` by `leaseUntilSql`. */
export const aliveJoin = "LEFT JOIN control_plane_state alive ON alive.key = 'alive'";

/**
 * Until when a lease is good. After a gap every lease that was good gets a fresh grace; whoever reads before the sweeper has come round to
 * writing it sees what it will write.
 */
export const leaseUntilSql = `CASE
  WHEN alive.updated_at < now() - make_interval(secs => ${gapS}) AND l.lease_until > alive.updated_at
  THEN greatest(l.lease_until, now() + make_interval(secs => 3 * l.heartbeat_interval_s + 10))
  ELSE l.lease_until END`;
