/** Asks until the answer is yes, for what no event tells. */
export async function until(what: string, ask: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > deadlineMs) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
