const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3600, name: 'h' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 's' },
] as const;

/** A span in its largest unit, rounded down: `4 s`, `3 min`, `2 h`, `5 d`. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const unit = units.find((candidate) => whole >= candidate.seconds) ?? units[3];
  return `${Math.floor(whole / unit.seconds)} ${unit.name}`;
}

/** How long before `asOf` something was. Both are the server's instants: the browser's clock may be wrong. */
export function formatAgo(instant: string, asOf: string): string {
  const seconds = (Date.parse(asOf) - Date.parse(instant)) / 1000;
  return seconds < 1 ? 'just now' : `${formatSpan(seconds)} ago`;
}

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Date, time and zone in full, in the reader's own zone. */
export function formatExact(instant: string): string {
  return exact.format(new Date(instant));
}

/** The time of day in the reader's own zone. */
export function formatClock(instant: string): string {
  return clock.format(new Date(instant));
}
