/**
 * Wall-clock time that never goes back, in milliseconds since 1970: what has expired stays expired when somebody sets the clock back. It goes
 * on by the monotonic clock from the latest wall-clock time that was ever seen, so that a clock that was set ahead by mistake ends things
 * early, until the process is started again, and none is ever too late.
 */
export function createForwardClock(wall: () => number = () => Date.now(), monotonic: () => number = () => performance.now()): () => number {
  let offset = -Infinity;
  return () => {
    const elapsed = monotonic();
    offset = Math.max(offset, wall() - elapsed);
    return offset + elapsed;
  };
}
