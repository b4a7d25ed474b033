import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeBase, type BenchBase } from "./base-image.ts";
import { mountXfs } from "./loop-xfs.ts";
import { measureCommand } from "./measured-command.ts";
import { mebibytesText } from "./quantity.ts";
import { writeSpecs } from "./specs.ts";
import type { Usage } from "./usage.ts";

/** A scratch folder with everything that the benchmarks work on. */
export interface Site {
  /** Holds base.img and the specs; commands run in it. */
  readonly folder: string;
  /** Name in the folder of one whose files can share blocks; undefined where this machine offers none. */
  readonly reflinkFolder: string | undefined;
  readonly base: BenchBase;
  /** Runs a shell command in the folder, removing the files that it makes first. */
  readonly measure: (command: string, makes: readonly string[]) => Promise<Usage>;
  /** Bytes of a file in the folder. */
  readonly lengthOf: (name: string) => number;
  /** A stampable image of a spec in the folder, made when it is first asked for: to be read, so .xz at its fastest. */
  readonly stampable: (spec: string, extension?: ".gz" | ".xz" | ".zst") => Promise<string>;
  /** The largest resident memory of each command of ours so far. */
  readonly peaks: ReadonlyMap<string, number>;
  /** Tells whoever waits. */
  readonly say: (line: string) => void;
}

/** Enough for what one benchmark leaves there at a time, and sparse. */
const xfsLength = 16 * 2 ** 30;
const program = fileURLToPath(new URL("../../../apps/bootstamp/bin/bootstamp.js", import.meta.url));

/** Sets up a site, runs `use` on it, and clears everything away. */
export async function withSite<Result>(
  say: (line: string) => void,
  use: (site: Site) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-bench-"));
  const xfs = mountXfs(join(folder, "xfs"), xfsLength);
  const clear = (): void => {
    xfs?.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  // Not even an interrupt may leave a file system mounted.
  const interrupted = (): never => {
    clear();
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    return await use(await setUp(folder, xfs === undefined ? undefined : "xfs", say));
  } finally {
    process.off("SIGINT", interrupted);
    clear();
  }
}

async function setUp(
  folder: string,
  reflinkFolder: string | undefined,
  say: (line: string) => void,
): Promise<Site> {
  say("making the base image");
  const base = await takeBase(join(folder, "base.img"));
  writeSpecs(folder);
  const programs = writePrograms(join(folder, "programs"));
  const peaks = new Map<string, number>();
  const stampables = new Map<string, Promise<string>>();
  const measure = async (command: string, makes: readonly string[]): Promise<Usage> => {
    for (const name of makes) rmSync(join(folder, name), { recursive: true, force: true });
    // What others have written must not be on its way to the disk while this is measured.
    execFileSync("sync");
    const usage = await measureCommand(command, { folder, programs });
    if (command.startsWith("bootstamp ")) notePeak(peaks, command, usage.peakBytes);
    say(
      `  ${usage.cpuSeconds.toFixed(2)} s CPU, ${usage.wallSeconds.toFixed(2)} s wall, ${mebibytesText(usage.peakBytes)}: ${command}`,
    );
    return usage;
  };
  return {
    folder,
    reflinkFolder,
    base,
    measure,
    lengthOf: (name) => statSync(join(folder, name)).size,
    stampable: async (spec, extension = ".gz") => {
      const name = spec + extension;
      const made = stampables.get(name) ?? prepare(measure, spec, name);
      stampables.set(name, made);
      return await made;
    },
    peaks,
    say,
  };
}

async function prepare(measure: Site["measure"], spec: string, name: string): Promise<string> {
  const level = name.endsWith(".xz") ? " --level 1" : "";
  await measure(`bootstamp prepare ${spec}.yaml -o ${name}${level}`, [name]);
  return name;
}

/** So that commands run as they are shown. */
function writePrograms(folder: string): string {
  mkdirSync(folder);
  const path = join(folder, "bootstamp");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(path, 0o755);
  return folder;
}

function notePeak(peaks: Map<string, number>, command: string, bytes: number): void {
  peaks.set(command, Math.max(bytes, peaks.get(command) ?? 0));
}
