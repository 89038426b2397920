/** What a sweep found of an environment in which leases are over or a brake is on. */
export type EnvironmentState = {
  /** Instances whose lease is over and that are not called offline yet. */
  lapsed: number;
  /** Those of them that no release has let go. */
  fresh: number;
  /** Instances online, late (the lapsed among them) or fought for. Who left or was decommissioned does not count. */
  live: number;
  /** Instances that went offline within the last heartbeat interval, other than by a release. */
  lately: number;
  isEngaged: boolean;
  engagedForS: number;
};

/** `pass`: they go offline. `engage`, `hold`: they stay late. `release`: the time is over. `end`: nobody is held any more. */
export type BrakeVerdict = 'pass' | 'engage' | 'hold' | 'release' | 'end';

const tolerated = 3;
const toleratedShare = 0.15;
export const releaseAfterS = 15 * 60;

/**
 * The mass-offline brake: when more than three instances and more than 15 % of an environment would go offline at once, it is more likely that
 * they cannot be heard than that they are gone. Those that went offline in the sweeps just before count too, or a loss that is spread over the
 * sweeps of one interval would never be seen.
 */
export function judgeBrake({ lapsed, fresh, live, lately, isEngaged, engagedForS }: EnvironmentState): BrakeVerdict {
  if (isEngaged) {
    if (lapsed === 0) return 'end';
    return engagedForS >= releaseAfterS ? 'release' : 'hold';
  }
  const limit = Math.max(tolerated, toleratedShare * (live + lately));
  return fresh > 0 && fresh + lately > limit ? 'engage' : 'pass';
}
