/** What a load generator is told to do; crosses a process boundary as JSON. */
export type LoadJob = {
  workload: WorkloadSpec;
  connections: number;
  /** Requests a second at a constant rate, whatever the answers do. As fast as answers come when absent. */
  ratePerS?: number;
  /** At a constant rate: sends by a timer, late by up to a millisecond, instead of spinning on a core of its own. */
  byTimer?: boolean;
  warmUpS: number;
  seconds: number;
};

export type WorkloadSpec =
  /** GET of the items of `subjects/upstream.ts` below these URLs: from the upstream itself, or through something before it. */
  | { kind: 'rest'; urls: string[]; headers?: Record<string, string> /** 429 is a right answer, too, and counted. */; mayRefuse?: boolean }
  /** MCP `tools/call` for the same items, at one or more endpoints. */
  | {
      kind: 'tools-call';
      urls: string[];
      tool: string;
      revision: string;
      headers: Record<string, string>;
      /** As many as there will be calls: each presents one that nobody has seen before. */
      tokens?: string[];
    }
  | { kind: 'heartbeat'; urls: string[]; key: string; gatewayIds: string[] }
  /** Instances ask whether there is another configuration than the one that they have, and there is none. */
  | { kind: 'unchanged-config'; urls: string[]; key: string; gatewayIds: string[] };

export type LoadResult = {
  /** In the measured time. */
  answers: number;
  /** With those of the warm-up. */
  allAnswers: number;
  seconds: number;
  latencies: [number, number][];
  /** Share of one core that the generator used in the measured time: near 1, it may have been what limited. Always near 1 at a constant rate, where it spins. */
  generatorCpu: number;
  /** The `seq` acknowledged last to each gateway, in the order of `gatewayIds`, 0 for none; heartbeats only. */
  acknowledged?: number[];
  /** Answers of 429, those of the warm-up among them, where they are right. */
  refused?: number;
};
