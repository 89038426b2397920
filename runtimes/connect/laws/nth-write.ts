/** Matches the path of the nth write, from one on; what `isWrite` says no to is not counted. */
export function nthWrite(number: number, isWrite: (path: string) => boolean = () => true): RegExp {
  const pattern = /./;
  let seen = 0;
  pattern.test = (path) => isWrite(path) && (seen += 1) === number;
  return pattern;
}
