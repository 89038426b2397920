import type { ApiLifecycle, Tool } from '@stoa/generated/schemas.ts';

/** A tool as it is listed, and when its API is given up, where that is said. */
export type ToolDefinition = Tool & { readonly lifecycle?: ApiLifecycle };

/** Says to whoever lists tools that their API is given up: in words, for models, and apart, for programs. What is only a version among others looks as it did. */
export function withLifecycle(tool: Tool, lifecycle: ApiLifecycle | undefined): ToolDefinition {
  if (lifecycle === undefined || (lifecycle.deprecated_at === undefined && lifecycle.sunset_at === undefined)) return tool;
  const { description } = tool;
  const words = wordsOf(lifecycle);
  return { ...tool, description: description === undefined ? words : `${words}\n\n${description}`, lifecycle };
}

/** Of a moment, so that nothing changes with the clock: a list that a client keeps is right for as long. */
function wordsOf({ deprecated_at: deprecated, sunset_at: sunset, successor, information_url: url }: ApiLifecycle): string {
  const instead = successor === undefined ? '' : `: use the tools of ${successor} in its place`;
  const sentences = [
    ...(deprecated === undefined ? [] : [`Deprecated as of ${spoken(deprecated)}${instead}.`]),
    ...(sunset === undefined ? [] : [`It may be gone as of ${spoken(sunset)}${deprecated === undefined ? instead : ''}.`]),
    ...(url === undefined ? [] : [`See ${url}.`]),
  ];
  return sentences.join(' ');
}

/** A day where it begins with one, else without fractions of seconds: models repeat to people what they read. */
const spoken = (instant: string): string => instant.replace(/(?:T00:00:00)?\.000Z$/, (end) => (end.startsWith('T') ? '' : 'Z'));
