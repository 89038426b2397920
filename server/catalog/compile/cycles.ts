type CycleFinder = {
  /** The number of the strongly connected component a node is in: equal numbers lead to each other. */
  component: (node: string) => number;
  /** Whether a node leads back to itself. */
  cyclic: (node: string) => boolean;
};

/**
 * Finds cycles in a graph that is discovered while walking (Tarjan's strongly connected components). It keeps a stack of its own,
 * because a chain of references may be longer than the call stack is deep. `onFinished` sees every node after all that it leads to.
 */
export function cycleFinder(
  edgesOf: (node: string) => readonly string[],
  onFinished: (node: string, cyclic: boolean) => void = () => {},
): CycleFinder {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const components = new Map<string, number>();
  const onCycle = new Set<string>();
  const open: string[] = [];

  function closeComponent(root: string): void {
    const members: string[] = [];
    let member: string | undefined;
    do {
      member = open.pop();
      if (member !== undefined) members.push(member);
    } while (member !== undefined && member !== root);
    const isCycle = members.length > 1 || edgesOf(root).includes(root);
    for (const node of members) {
      components.set(node, order.get(root) ?? 0);
      if (isCycle) onCycle.add(node);
    }
    for (const node of members) onFinished(node, isCycle);
  }

  function enter(node: string): { node: string; next: number } {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    open.push(node);
    return { node, next: 0 };
  }

  function lower(node: string, value: number): void {
    lowest.set(node, Math.min(lowest.get(node) ?? value, value));
  }

  function visit(start: string): void {
    if (order.has(start)) return;
    const path = [enter(start)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const child = edgesOf(step.node)[step.next];
      step.next += 1;
      if (child === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.node, lowest.get(step.node) ?? 0);
        if (lowest.get(step.node) === order.get(step.node)) closeComponent(step.node);
      } else if (!order.has(child)) {
        path.push(enter(child));
      } else if (!components.has(child)) {
        lower(step.node, order.get(child) ?? 0);
      }
    }
  }

  return {
    component: (node) => (visit(node), components.get(node) ?? -1),
    cyclic: (node) => (visit(node), onCycle.has(node)),
  };
}
