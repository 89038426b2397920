/**
 * Runs every subject once a round, A B A B …, and answers their values by name. What slows the machine down for a while then slows
 * all of them, and not the one whose turn it happened to be.
 */
export async function interleave<Name extends string, Value>(
  rounds: number,
  subjects: Readonly<Record<Name, () => Promise<Value>>>,
  tell: (round: number, name: Name, value: Value) => void = () => {},
): Promise<Record<Name, Value[]>> {
  const entries = Object.entries(subjects) as [Name, () => Promise<Value>][];
  const values = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, Value[]>;
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, run] of entries) {
      const value = await run();
      values[name].push(value);
      tell(round, name, value);
    }
  }
  return values;
}
