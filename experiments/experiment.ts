import type { Lab } from './lab/lab.ts';

/** What an experiment saw, in figures, and whether that meets its criterion. */
export type Finding = { figure: string; passed: boolean };

/** One fault, done to a system that runs, and what it must not break. */
export type Experiment = {
  /** kebab-case, as its file is named. */
  id: string;
  /** A sentence that the figure is held against. */
  criterion: string;
  /** Leaves the laboratory as it found it. What it throws is a criterion that is not met. */
  run(lab: Lab): Promise<Finding>;
};

export type Result = { id: string; criterion: string; figure: string; passed: boolean };
