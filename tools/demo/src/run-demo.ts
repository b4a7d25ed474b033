import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runCommandLine, type Terminal } from "bootstamp";
import { findGzip, type Gzip } from "./ask-gzip.ts";
import { makeBase } from "./base-copy.ts";
import { writeDemoFiles } from "./demo-files.ts";
import { readMeasurements, writeMeasurements, type Measurements } from "./measurements.ts";
import { resultLines, type Result } from "./result-table.ts";
import { watchBuild, type WatchedArtifact } from "./watched-build.ts";

/**
 * Makes a base image and variants of it in `folder`, telling what it does as it goes, and returns the exit status.
 * What earlier runs made is left as it is, so that the spec can be edited and the demo run again.
 */
export async function runDemo(folder: string, gzip: Gzip = findGzip()): Promise<number> {
  mkdirSync(folder, { recursive: true });
  // The folder hides itself from git: nothing in it is to be committed.
  writeFileSync(join(folder, ".gitignore"), "*\n");
  try {
    await runSteps(folder, gzip);
    return 0;
  } catch (error) {
    tellProgress("");
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function runSteps(folder: string, gzip: Gzip): Promise<void> {
  const shown = shownPath(folder);
  const basePath = join(folder, "base.img");
  const specPath = join(folder, "spec.yaml");
  heading(`1  A base image and a spec, in ${shown}/`);
  const { made } = await makeBase(basePath);
  writeDemoFiles(folder);
  say(
    made
      ? "made base.img: a GPT disk with an ESP, a boot partition, and a root of real files"
      : "base.img is there",
  );
  say("spec.yaml says what each variant changes; devices.csv has one device a row");

  heading(`2  What it will cost: bootstamp plan ${join(shown, "spec.yaml")}`);
  if ((await runCommandLine(["plan", specPath], surroundings())) !== 0) throw new Error("the plan failed");

  heading(`3  Compressed once, stamped for each variant: bootstamp build ${join(shown, "spec.yaml")}`);
  const { artifacts, pressSeconds } = await watchBuild(specPath, say, tellProgress);
  const measured = noteBuild(folder, artifacts, pressSeconds);

  heading(`4  What other programs say: ${gzip.testCommand} on each, ${gzip.compressCommand} once`);
  const results = await testAll(folder, artifacts, measured, gzip);
  await measureCompression(folder, basePath, measured, gzip);
  for (const line of resultLines(results, measured, gzip.testCommand)) say(line);
  for (const line of nextLines(shown)) say(line);
}

/** Adds what this build measured to what earlier ones did. */
function noteBuild(
  folder: string,
  artifacts: readonly WatchedArtifact[],
  pressSeconds: number | undefined,
): Measurements {
  const measured = readMeasurements(folder);
  if (pressSeconds !== undefined) measured.pressSeconds = pressSeconds;
  for (const { identity, made, stampSeconds } of artifacts) {
    if (made) measured.stampSeconds[identity] = stampSeconds;
  }
  writeMeasurements(folder, measured);
  return measured;
}

/** Of an artifact that an earlier run made, what was said then: the build has found it unchanged. */
async function testAll(
  folder: string,
  artifacts: readonly WatchedArtifact[],
  measured: Measurements,
  gzip: Gzip,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const artifact of artifacts) {
    const { file, sha256 } = artifact;
    tellProgress(`${gzip.testCommand} ${file}`);
    const verdict = (measured.verdicts[sha256] ??= await gzip.test(join(folder, "out", file)));
    if (verdict !== "ok") throw new Error(`${gzip.testCommand} refuses ${file}: ${verdict}`);
    results.push({ ...artifact, verdict });
  }
  tellProgress("");
  writeMeasurements(folder, measured);
  return results;
}

/** What people do without this program. Alone on the machine, and only the first time: it is slow. */
async function measureCompression(
  folder: string,
  basePath: string,
  measured: Measurements,
  gzip: Gzip,
): Promise<void> {
  if (measured.compressSeconds !== undefined) return;
  tellProgress(`${gzip.compressCommand} base.img, to compare`);
  measured.compressSeconds = await gzip.compress(basePath);
  measured.compressCommand = gzip.compressCommand;
  tellProgress("");
  writeMeasurements(folder, measured);
}

function nextLines(shown: string): string[] {
  return [
    "",
    "What to try next:",
    `  edit ${join(shown, "spec.yaml")} or ${join(shown, "devices.csv")}, then   npx bootstamp build ${join(shown, "spec.yaml")}`,
    `  look inside a compressed image:       npx bootstamp inspect ${join(shown, "out", "demo-aws.img.gz")}`,
    `  check them all, byte for byte:        npx bootstamp verify ${join(shown, "out")}`,
    `Remove ${shown}/ to start afresh.`,
  ];
}

/** As a person would type it here. */
function shownPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path || ".";
}

function heading(text: string): void {
  say(`\n${text}\n${"-".repeat(text.length)}`);
}

function say(line: string): void {
  console.log(line);
}

/** A line that the next one takes the place of; nothing where the output is not a terminal. */
function tellProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001B[K`);
}

function surroundings() {
  const { stdout, stderr, env } = process;
  const locale = env["LC_ALL"] ?? env["LC_CTYPE"] ?? env["LANG"] ?? "";
  const terminal: Terminal = {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    live: false,
    columns: Math.min(stdout.columns ?? 100, 100),
    colour: false,
    unicode: !/^(C|POSIX)$/i.test(locale),
  };
  return { terminal, environment: env, signal: new AbortController().signal };
}
