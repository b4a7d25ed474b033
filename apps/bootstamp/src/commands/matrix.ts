import { expandVariants, loadSpec } from "@bootstamp/variants";
import { ProgramError } from "../program-error.ts";
import { shardText } from "../build/shard.ts";
import type { Reporter } from "../report/reporter.ts";

export type MatrixSystem = "github" | "gitlab";

export interface MatrixOptions {
  readonly specPath: string;
  /** Jobs to deal the variants out to; absent: one for each variant. */
  readonly shards?: number;
  readonly system: MatrixSystem;
}

/**
 * What `matrix` prints, one line.
 *
 * For GitHub the JSON of a `strategy.matrix`; for GitLab a hidden job `.bootstamp` with a `parallel:matrix`, a line of
 * YAML to append to a pipeline whose job extends it. There are never more shards than variants.
 * @throws ProgramError `USAGE_ARGUMENT` for more jobs than the system takes.
 */
export function matrixText(
  names: readonly string[],
  { shards, system }: Omit<MatrixOptions, "specPath">,
): string {
  if (shards === 0) throw new ProgramError("USAGE_ARGUMENT", "--shards 0 would make nothing");
  const { most, textOf, keys } = layouts[system];
  const key = shards === undefined ? keys.variant : keys.shard;
  const values = shards === undefined ? names : shardTexts(Math.min(shards, names.length));
  if (values.length > most)
    throw new ProgramError(
      "USAGE_ARGUMENT",
      `${values.length} jobs, and a matrix of ${system} has at most ${most}: say --shards ${most} or fewer`,
    );
  return textOf(key, values);
}

interface MatrixLayout {
  /** Jobs that a matrix may have. */
  readonly most: number;
  readonly keys: { readonly variant: string; readonly shard: string };
  readonly textOf: (key: string, values: readonly string[]) => string;
}

const layouts: Readonly<Record<MatrixSystem, MatrixLayout>> = {
  // docs.github.com, actions/reference/limits: 256 jobs a matrix.
  github: {
    most: 256,
    keys: { variant: "variant", shard: "shard" },
    textOf: (key, values) => JSON.stringify({ [key]: values }),
  },
  // docs.gitlab.com, ci/yaml, parallel:matrix: at most 200 permutations; the keys become variables of the job.
  gitlab: {
    most: 200,
    keys: { variant: "VARIANT", shard: "SHARD" },
    textOf: (key, values) => `.bootstamp: ${JSON.stringify({ parallel: { matrix: [{ [key]: values }] } })}`,
  },
};

function shardTexts(count: number): string[] {
  return Array.from({ length: count }, (_, before) => shardText({ index: before + 1, count }));
}

/** Prints the jobs that make the variants of a spec. Reads the spec and its tables, not the base. @throws SpecError. */
export async function matrix({ specPath, ...choice }: MatrixOptions, reporter: Reporter): Promise<void> {
  const names = expandVariants(await loadSpec(specPath)).map(({ name }) => name);
  const text = matrixText(names, choice);
  reporter.tell({ event: "matrix", text, variants: names.length }, [text]);
}
