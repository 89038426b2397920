/** Takes the one-time code out of `#code=…`, and out of the address bar and the history before anything is done with it. */
export function takeCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code') || undefined;
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  return code;
}
