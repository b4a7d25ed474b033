import { ProgramError } from "../program-error.ts";
import { shardNamed, type Shard } from "./shard.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables in which a system tells its jobs which of how many they are. */
interface JobVariables {
  readonly system: string;
  readonly index: string;
  /** What the first job's index is. */
  readonly first: 0 | 1;
  /** Absent where the system does not tell how many jobs there are. */
  readonly count?: string;
}

const systems: readonly JobVariables[] = [
  // docs.gitlab.com, ci/variables/predefined_variables: of jobs with `parallel`.
  { system: "GitLab", index: "CI_NODE_INDEX", first: 1, count: "CI_NODE_TOTAL" },
  // kubernetes.io, concepts/workloads/controllers/job: of Jobs with `completionMode: Indexed`.
  { system: "Kubernetes", index: "JOB_COMPLETION_INDEX", first: 0 },
  // docs.aws.amazon.com, batch/latest/userguide/job_env_vars: of array jobs.
  {
    system: "AWS Batch",
    index: "AWS_BATCH_JOB_ARRAY_INDEX",
    first: 0,
    count: "AWS_BATCH_JOB_ARRAY_SIZE",
  },
];

/**
 * Reads what `--shard` takes: `2/5`; `auto`, which the system that runs the job knows; `auto/5` where it only knows
 * the index. The environment is looked at for `auto` alone, so that nothing is left out because of a stray variable.
 * @throws ProgramError `USAGE_ARGUMENT`.
 */
export function parseShard(word: string, environment: Environment): Shard {
  const [index = "", count, ...more] = word.split("/");
  if (index === "auto" && more.length === 0) return shardOfJob(count, environment);
  const shard = more.length === 0 ? shardNamed(index, count ?? "") : undefined;
  if (shard !== undefined) return shard;
  throw usage(`--shard takes I/N with I from 1 to N, such as 2/5, or auto, or auto/N: got ${quoted(word)}`);
}

function shardOfJob(count: string | undefined, environment: Environment): Shard {
  const job = jobVariablesIn(environment);
  const told = job.count === undefined ? undefined : environment[job.count];
  const total = count ?? told;
  if (total === undefined)
    throw usage(`${job.system} does not tell how many jobs there are: say --shard auto/N`);
  if (count !== undefined && told !== undefined && count !== told)
    throw usage(`--shard auto/${count} contradicts ${job.count}, which is ${quoted(told)}`);
  const index = environment[job.index] ?? "";
  const counted = job.first === 1 || !/^\d{1,9}$/.test(index) ? index : String(Number(index) + 1);
  const shard = shardNamed(counted, total);
  if (shard !== undefined) return shard;
  const last = Number(total) - 1 + job.first;
  throw usage(
    `${job.index} is ${quoted(index)}, expected ${job.first} to ${last}, of ${quoted(total)} jobs in all`,
  );
}

function jobVariablesIn(environment: Environment): JobVariables {
  const [job, other] = systems.filter(({ index }) => (environment[index] ?? "") !== "");
  if (job === undefined) {
    const known = systems.map(({ system, index }) => `${index} (${system})`).join(", ");
    throw usage(`--shard auto finds none of ${known} in the environment: say --shard I/N`);
  }
  if (other !== undefined)
    throw usage(
      `--shard auto finds both ${job.index} and ${other.index} in the environment: say --shard I/N`,
    );
  return job;
}

function quoted(word: string): string {
  return JSON.stringify(word);
}

function usage(message: string): ProgramError {
  return new ProgramError("USAGE_ARGUMENT", message);
}
