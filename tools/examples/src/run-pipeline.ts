// What of GitLab's pipelines the example has: docs.gitlab.com, ci/yaml.
import { cpSync, globSync, mkdtempSync } from "node:fs";
import { join, matchesGlob, relative } from "node:path";
import { parse } from "yaml";
import { inOrderOfNeeds } from "./job-order.ts";
import type { Machine } from "./machine.ts";

export interface PipelineJob {
  readonly needs?: readonly string[];
  readonly parallel?: number | { readonly matrix: readonly Readonly<Record<string, readonly string[]>>[] };
  readonly script: readonly string[];
  readonly artifacts?: { readonly paths: readonly string[]; readonly exclude?: readonly string[] };
}

export interface Pipeline {
  readonly beforeScript: readonly string[];
  readonly jobs: Readonly<Record<string, PipelineJob>>;
}

/** A job as it is written: what it lacks is in the one that it extends. */
interface WrittenJob extends PipelineJob {
  readonly extends?: string;
}

/** Reads a pipeline file: `default`, and its jobs but for the hidden ones, whose names begin with a dot. */
export function parsePipeline(text: string): Pipeline {
  const file: { default?: { before_script?: readonly string[] } } = parse(text);
  const { default: common, ...rest } = file;
  const written: Readonly<Record<string, WrittenJob>> = rest;
  const shown = Object.entries(written).filter(([name]) => !name.startsWith("."));
  const jobs = shown.map(([name, job]) => [name, { ...extended(job, written), ...job }]);
  return { beforeScript: common?.before_script ?? [], jobs: Object.fromEntries(jobs) };
}

function extended(job: WrittenJob, all: Readonly<Record<string, WrittenJob>>): Partial<PipelineJob> {
  if (job.extends === undefined) return {};
  const found = all[job.extends];
  if (found === undefined) throw new Error(`there is no job ${job.extends} to extend`);
  return found;
}

export interface PipelineSite {
  readonly machine: Machine;
  /** What is checked out. */
  readonly repository: string;
  /** A folder for the folders of jobs. */
  readonly scratch: string;
  /** The CI/CD variables. */
  readonly variables: Readonly<Record<string, string>>;
}

interface JobRun {
  readonly folder: string;
  readonly job: PipelineJob;
}

/**
 * Runs all jobs of a pipeline, one after the other, each in a checkout of its own with the artifacts of those that it
 * needs. Returns the folders by job.
 */
export async function runPipeline(pipeline: Pipeline, site: PipelineSite): Promise<Record<string, string[]>> {
  const done = new Map<string, JobRun[]>();
  for (const [name, job] of inOrderOfNeeds(pipeline.jobs, ({ needs = [] }) => needs)) {
    const runs: JobRun[] = [];
    for (const variables of nodesOf(job)) {
      const folder = mkdtempSync(join(site.scratch, `${name}-`));
      cpSync(site.repository, folder, { recursive: true });
      for (const needed of (job.needs ?? []).flatMap((each) => done.get(each) ?? []))
        copyArtifacts(needed, folder);
      const script = [...pipeline.beforeScript, ...job.script].join("\n");
      await site.machine.script(script, folder, { ...site.variables, ...variables });
      runs.push({ folder, job });
    }
    done.set(name, runs);
  }
  return Object.fromEntries([...done].map(([name, runs]) => [name, runs.map(({ folder }) => folder)]));
}

/** The variables of each of a job's runs. */
function nodesOf({ parallel }: PipelineJob): readonly Readonly<Record<string, string>>[] {
  if (parallel === undefined) return [{}];
  const own =
    typeof parallel === "number"
      ? Array.from({ length: parallel }, () => ({}))
      : parallel.matrix.flatMap(combinations);
  const total = { CI_NODE_TOTAL: String(own.length) };
  return own.map((variables, before) =>
    Object.assign({}, variables, total, { CI_NODE_INDEX: String(before + 1) }),
  );
}

/** Each value of each list with each of the others'. */
function combinations(
  lists: Readonly<Record<string, readonly string[]>>,
): readonly Readonly<Record<string, string>>[] {
  return Object.entries(lists).reduce<readonly Readonly<Record<string, string>>[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function copyArtifacts({ folder, job }: JobRun, target: string): void {
  const { paths = [], exclude = [] } = job.artifacts ?? {};
  const filter = (source: string): boolean => {
    const path = relative(folder, source);
    return !exclude.some((pattern) => matchesGlob(path, pattern));
  };
  for (const path of globSync([...paths], { cwd: folder }))
    cpSync(join(folder, path), join(target, path), { recursive: true, filter });
}
