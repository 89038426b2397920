const credential = /\b(stoa_[a-z]{2}_)[A-Za-z0-9_-]+/g;
const bearer = /(Bearer|Basic) +(?!stoa_[a-z]{2}_)[^\s"',]+/g;
const member = /("(?:secret|token|credential|password)"\s*:\s*")[^"]*(")/g;
const maxCharacters = 4000;

/** Text for a report: credentials keep their first characters at most, and what is long is cut. */
export function masked(text: string, secrets: readonly string[] = []): string {
  const known = secrets.filter(({ length }) => length > 0).reduce((all, secret) => all.replaceAll(secret, '***'), text);
  const clean = known.replaceAll(credential, '$1***').replaceAll(bearer, '$1 ***').replaceAll(member, '$1***$2');
  return clean.length > maxCharacters ? `${clean.slice(0, maxCharacters)} … (${clean.length} characters)` : clean;
}
