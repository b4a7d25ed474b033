import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inOrderOfNeeds } from "../job-order.ts";
import type { Machine } from "../machine.ts";
import { runAction, type Storage } from "./actions.ts";
import { evaluate, evaluateText, type Contexts } from "./expression.ts";
import type { Workflow, WorkflowJob, WorkflowStep } from "./workflow.ts";

export interface WorkflowSite {
  readonly machine: Machine;
  readonly storage: Storage;
  /** A folder for the folders of jobs. */
  readonly scratch: string;
  /** `github`, `vars` and `secrets`. */
  readonly contexts: Contexts;
  /** What runners have beside what the workflow gives them. */
  readonly environment: Readonly<Record<string, string>>;
}

type Outputs = Record<string, { readonly outputs: Readonly<Record<string, string>> }>;

/** Runs all jobs of a workflow, one after the other, each in a folder of its own. Returns the folders by job. */
export async function runWorkflow(workflow: Workflow, site: WorkflowSite): Promise<Record<string, string[]>> {
  const needs: Outputs = {};
  const folders: Record<string, string[]> = {};
  for (const [name, job] of inOrderOfNeeds(workflow.jobs, needsOf)) {
    const runs = matrixOf(job, { ...site.contexts, needs });
    for (const [index, matrix] of runs.entries()) {
      const cwd = mkdtempSync(join(site.scratch, `${name}-`));
      (folders[name] ??= []).push(cwd);
      const contexts = { ...site.contexts, needs, matrix, strategy: { "job-index": index } };
      needs[name] = { outputs: await runJob(workflow, job, { ...site, contexts }, cwd) };
    }
  }
  return folders;
}

function needsOf({ needs = [] }: WorkflowJob): readonly string[] {
  return typeof needs === "string" ? [needs] : needs;
}

/** The combinations of the one list that a matrix here has; without a matrix, one of nothing. */
function matrixOf(
  { strategy }: WorkflowJob,
  contexts: Contexts,
): readonly Readonly<Record<string, string>>[] {
  if (strategy === undefined) return [{}];
  const text = JSON.stringify(evaluateText(strategy.matrix, contexts));
  const lists: Record<string, readonly string[]> = JSON.parse(text);
  const [[key, values] = ["", []], ...more] = Object.entries(lists);
  if (more.length > 0 || values.length === 0)
    throw new Error(`not a matrix of one list: ${JSON.stringify(lists)}`);
  return values.map((value) => ({ [key]: value }));
}

async function runJob(
  workflow: Workflow,
  { env, steps, outputs = {} }: WorkflowJob,
  site: WorkflowSite,
  cwd: string,
): Promise<Record<string, string>> {
  const done: Outputs = {};
  const atEnd: (() => void)[] = [];
  for (const step of steps) {
    const contexts = { ...site.contexts, steps: done };
    if (step.if !== undefined && evaluate(step.if, contexts) !== true) continue;
    // The innermost wins. Neither secrets nor variables get there by themselves.
    const own = [workflow.env, env, step.env].map((each = {}) => evaluateAll(each, contexts));
    const environment = Object.assign({}, site.environment, ...own);
    const later = await runStep(step, { ...site, contexts, environment }, cwd, done);
    if (later !== undefined) atEnd.push(later);
  }
  for (const later of atEnd) later();
  return evaluateAll(outputs, { ...site.contexts, steps: done });
}

async function runStep(
  step: WorkflowStep,
  { machine, storage, contexts, environment }: WorkflowSite,
  cwd: string,
  done: Outputs,
): Promise<(() => void) | undefined> {
  if (step.uses !== undefined)
    return runAction(step.uses, evaluateAll(step.with ?? {}, contexts), cwd, storage);
  if (step.run === undefined) throw new Error("a step has either uses or run");
  const runner = join(cwd, ".runner");
  mkdirSync(runner, { recursive: true });
  const output = join(runner, `output-${Object.keys(done).length}`);
  const script = String(evaluateText(step.run, contexts));
  await machine.script(script, cwd, { ...environment, GITHUB_OUTPUT: output });
  if (step.id !== undefined) done[step.id] = { outputs: outputsIn(output) };
  return undefined;
}

/** Lines of NAME=VALUE. */
function outputsIn(path: string): Record<string, string> {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = text.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function evaluateAll(
  texts: Readonly<Record<string, string | number>>,
  contexts: Contexts,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, String(evaluateText(String(text), contexts))]),
  );
}
