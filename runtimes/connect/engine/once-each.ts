/** A function that is asked once for each object: what was read or rendered before is the very same object where nothing changed, and of thousands few do. */
export function onceEach<Subject extends object, Result>(work: (subject: Subject) => Result): (subject: Subject) => Result {
  const known = new WeakMap<Subject, { readonly result: Result }>();
  return (subject) => {
    const before = known.get(subject);
    if (before !== undefined) return before.result;
    const result = work(subject);
    known.set(subject, { result });
    return result;
  };
}
