import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDigester } from "@bootstamp/stamp";
import { baseDigest } from "../build/base-digest.ts";
import { tellBase, tellPatches } from "../build/build-report.ts";
import { noStore } from "../build/patch-store.ts";
import { makeBasesDirectory, openPreparedBases, type PreparedBases } from "../build/prepared-bases.ts";
import { press, pressIdentity, type PressChoice } from "../build/press-base.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { openWorkingBase, type WorkingBase } from "../build/raw-base.ts";
import { baseChoiceOf, readOrder, survey, type Job } from "../build/survey.ts";
import { durationText } from "../report/quantity.ts";
import type { ProgressReport, Reporter } from "../report/reporter.ts";

export interface PrepareBasesOptions {
  readonly specPath: string;
  /** Made where it is not there. */
  readonly directory: string;
  readonly clock?: number;
}

/**
 * Compresses the base of a spec in each of its formats, into a directory where `build` finds it on other machines.
 * What an earlier run put there is left alone.
 */
export async function prepareBases(
  { specPath, directory, clock }: PrepareBasesOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const order = await readOrder(specPath);
  makeBasesDirectory(directory);
  // A base that is no raw file is unpacked there for the time being.
  const scratch = mkdtempSync(join(directory, ".unpacked-"));
  try {
    const keeper = { rawBasePath: (name: string) => join(scratch, name) };
    const base = await openWorkingBase(baseChoiceOf(order.spec), [], keeper, { reporter, signal });
    try {
      await prepareOn({ ...order, base }, directory, clock, reporter, signal);
    } finally {
      await base.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    reporter.settle();
  }
}

async function prepareOn(
  job: Job<WorkingBase>,
  directory: string,
  clock: number | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const digester = openDigester();
  const { base, formats } = job;
  try {
    tellBase(reporter, base);
    const surveyed = await survey(job, clock, noStore, reporter, signal);
    tellPatches(reporter, surveyed);
    const baseSha256 = await baseDigest(digestRequest(job, reporter, signal), undefined, digester);
    const bases = openPreparedBases(directory, digester, signal);
    for (const choice of formats) {
      await prepareBase({ ...choice, base, baseSha256, stored: surveyed.stored }, bases, reporter, signal);
    }
  } finally {
    await digester.close();
  }
}

function digestRequest(
  { spec, base }: Job<WorkingBase>,
  reporter: Reporter,
  signal: AbortSignal,
): Parameters<typeof baseDigest>[0] {
  const { file, name } = base;
  const onProgress = (done: number): void =>
    reporter.progress({ task: "read base", done, total: file.length });
  return { file, name, expected: spec.base.sha256, onProgress, signal };
}

async function prepareBase(
  choice: PressChoice,
  bases: PreparedBases,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const { base, format } = choice;
  const wanted = { identity: pressIdentity(choice), extension: format.extension };
  const path = bases.pathOf(wanted);
  const isThere = (await bases.find(wanted)) !== undefined;
  if (!isThere) {
    refuseOverwriting(base.file, [path]);
    const onProgress = (report: ProgressReport): void => reporter.progress(report);
    const { packedCrc64nvme } = await press({ ...choice, path }, onProgress, signal);
    await bases.keep(wanted, packedCrc64nvme);
  }
  const seconds = (performance.now() - started) / 1000;
  const how = isThere ? "as it was prepared before" : `in ${durationText(seconds)}`;
  reporter.tell(
    { event: "prepared", format: format.name, path, identity: wanted.identity, reused: isThere },
    [`prepared  ${path}, ${how}`],
  );
}
