/** How good a state is, for the colour of its words. */
export const stateTones: Readonly<Record<string, string>> = {
  applied: 'tone-good',
  applied_with_warnings: 'tone-warn',
  pending: 'tone-quiet',
  unmatched: 'tone-quiet',
  rejected: 'tone-bad',
};
export const connectionTones: Readonly<Record<string, string>> = { connected: 'tone-good', unreachable: 'tone-bad', refused: 'tone-bad' };
