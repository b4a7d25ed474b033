/** Of the environment; texts with expressions. */
export type Variables = Readonly<Record<string, string>>;

/** What of a workflow file is understood: docs.github.com, actions/reference/workflow-syntax. */
export interface Workflow {
  readonly env?: Variables;
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

export interface WorkflowJob {
  readonly needs?: string | readonly string[];
  readonly env?: Variables;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: string };
  readonly steps: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly id?: string;
  readonly if?: string;
  readonly env?: Variables;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly run?: string;
}
