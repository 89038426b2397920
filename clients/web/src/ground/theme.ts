const kept = 'stoa-theme';
/** How the Console looks; `system` follows the browser. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export function chosenTheme(): Theme {
  const found = localStorage.getItem(kept);
  return themes.find((theme) => theme === found) ?? 'system';
}

/** Shows it, and keeps it in this browser. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(kept, theme);
  showTheme(theme);
}

export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
