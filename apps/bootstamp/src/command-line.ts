import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { RegionChoice } from "@bootstamp/layout";
import { regionRoles, type RegionRole } from "@bootstamp/layout";
import type { EncodeChoice } from "@bootstamp/segment-map";
import { build } from "./build/build.ts";
import { BuildError } from "./build/build-error.ts";
import { inspect } from "./commands/inspect.ts";
import { plan } from "./commands/plan.ts";
import { prepare } from "./commands/prepare.ts";
import { stamp, type EditOrigin } from "./commands/stamp.ts";
import { verify } from "./commands/verify.ts";
import { exitUsage, reportFault } from "./report/fault-report.ts";
import { jsonReporter } from "./report/json-reporter.ts";
import type { Reporter } from "./report/reporter.ts";
import type { Terminal } from "./report/terminal.ts";
import { textReporter } from "./report/text-reporter.ts";
import { version } from "./version.ts";

/** What a command needs of its surroundings. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Runs one command line, without the program's name, and returns the exit status. Never throws. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal, environment } = surroundings;
  const json = words.includes("--json");
  const reporter = json ? jsonReporter(terminal) : textReporter(terminal);
  try {
    await program(surroundings, reporter).parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    reporter.settle();
    // Commander has said what was wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage;
    const fault = reportFault(error, (environment["BOOTSTAMP_DEBUG"] ?? "") !== "");
    const { code, message, hint, stack } = fault;
    if (json) reporter.tell({ event: "error", code, message, hint }, []);
    else terminal.writeErr(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
    if (stack !== undefined) terminal.writeErr(`${stack}\n`);
    return fault.exitStatus;
  }
}

function program({ terminal, environment, signal }: Surroundings, reporter: Reporter): Command {
  const root = new Command("bootstamp")
    .description("Compress a disk image once, stamp any number of variants out of it.")
    .version(version)
    .option("--json", "one JSON object a line on standard output, for programs")
    .exitOverride()
    .configureOutput({ writeOut: terminal.writeOut, writeErr: terminal.writeErr })
    .showHelpAfterError("(bootstamp --help lists the commands)");
  const clock = (): { clock?: number } => clockOf(environment);
  addBuild(root, clock, reporter, signal);
  addPlan(root, clock, reporter, signal);
  addPrepare(root, clock, reporter, signal);
  addStamp(root, clock, reporter, signal);
  addVerify(root, reporter, signal);
  addInspect(root, reporter);
  // Every command takes it, so that it may stand anywhere.
  for (const command of root.commands) command.addOption(new Option("--json", "for programs").hideHelp());
  return root;
}

type Clock = () => { clock?: number };

function addBuild(root: Command, clock: Clock, reporter: Reporter, signal: AbortSignal): void {
  root
    .command("build")
    .description("make every artifact of a spec, with manifest.json and SHA256SUMS")
    .argument("<spec>", "the YAML spec")
    .option("-o, --output <directory>", "in place of the spec's output directory")
    .action(async (specPath: string, { output }: { output?: string }) => {
      await build(
        { specPath, ...clock(), ...(output === undefined ? {} : { outputDirectory: output }) },
        reporter,
        signal,
      );
    });
}

function addPlan(root: Command, clock: Clock, reporter: Reporter, signal: AbortSignal): void {
  root
    .command("plan")
    .description("show what a build would store and what that costs; writes nothing")
    .argument("<spec>", "the YAML spec")
    .action(async (specPath: string) => await plan({ specPath, ...clock() }, reporter, signal));
}

interface ImageFlags {
  readonly region?: RegionChoice;
  readonly sectorSize?: 512 | 4096;
}

interface PrepareFlags extends ImageFlags {
  readonly output: string;
  readonly engine?: string;
  readonly level?: number;
}

function addPrepare(root: Command, clock: Clock, reporter: Reporter, signal: AbortSignal): void {
  root
    .command("prepare")
    .description(
      "compress a base once: what a spec's variants change is stored, or of a raw image the whole region",
    )
    .argument("<input>", "a spec (.yaml, .json) or a raw image")
    .requiredOption("-o, --output <file>", "the stampable image to make, such as base.gz")
    .addOption(regionOption())
    .addOption(sectorOption())
    .option("--engine <name>", "the compression engine")
    .option("--level <n>", "the engine's level", wholeNumber)
    .action(async (input: string, { output, engine, level, ...image }: PrepareFlags) => {
      const compression: EncodeChoice = {
        ...(engine === undefined ? {} : { engine }),
        ...(level === undefined ? {} : { level }),
      };
      await prepare({ input, output, compression, ...imageOptions(image), ...clock() }, reporter, signal);
    });
}

interface StampFlags extends ImageFlags {
  readonly output: string;
  readonly spec?: string;
  readonly variant?: string;
  readonly edit: readonly string[];
  readonly kargAppend: readonly string[];
  readonly kargDelete: readonly string[];
  readonly write: readonly string[];
}

function addStamp(root: Command, clock: Clock, reporter: Reporter, signal: AbortSignal): void {
  root
    .command("stamp")
    .description("stamp one variant out of a stampable image, without the raw base")
    .argument("<base>", "the stampable image")
    .requiredOption("-o, --output <file>", "the artifact to make; - is standard output")
    .option("--spec <file>", "a spec that has the variant")
    .option("--variant <name>", "the variant of the spec")
    .addOption(
      new Option("--edit <yaml>", "an edit as a spec has it: 'kargs: { append: [quiet] }'")
        .argParser(collect)
        .default([]),
    )
    .addOption(new Option("--karg-append <arg>", "append a kernel argument").argParser(collect).default([]))
    .addOption(new Option("--karg-delete <arg>", "delete a kernel argument").argParser(collect).default([]))
    .addOption(
      new Option("--write <path=file>", "put a file of this machine into the image")
        .argParser(collect)
        .default([]),
    )
    .addOption(regionOption())
    .addOption(sectorOption())
    .action(async (base: string, { output, sectorSize, ...flags }: StampFlags) => {
      const sectors = imageOptions(sectorSize === undefined ? {} : { sectorSize });
      await stamp({ base, output, origin: originOf(flags), ...sectors, ...clock() }, reporter, signal);
    });
}

function addVerify(root: Command, reporter: Reporter, signal: AbortSignal): void {
  root
    .command("verify")
    .description("decode files whole and check them, against a manifest beside them too")
    .argument("<path...>", "stampable images, artifacts, or output directories")
    .action(async (paths: string[]) => await verify({ paths }, reporter, signal));
}

function addInspect(root: Command, reporter: Reporter): void {
  root
    .command("inspect")
    .description("show what a raw or stampable image holds, and what each part of it costs")
    .argument("<image>", "a raw or stampable image")
    .addOption(sectorOption())
    .action(
      async (image: string, flags: ImageFlags) => await inspect({ image, ...imageOptions(flags) }, reporter),
    );
}

function originOf({
  spec,
  variant,
  edit,
  kargAppend,
  kargDelete,
  write,
  region,
}: Omit<StampFlags, "output">): EditOrigin {
  const edits = [...edit, ...kargEdits(kargAppend, kargDelete), ...write.map(writeEdit)];
  if (spec !== undefined && variant !== undefined && edits.length === 0) return { specPath: spec, variant };
  if (spec !== undefined || variant !== undefined) {
    throw new BuildError(
      "USAGE_ARGUMENT",
      "--spec and --variant go together, and without edits on the command line",
    );
  }
  if (edits.length === 0)
    throw new BuildError("USAGE_ARGUMENT", "nothing to stamp: name a --spec with a --variant, or edits");
  return { edits, ...(region === undefined ? {} : { region }) };
}

function kargEdits(append: readonly string[], remove: readonly string[]): string[] {
  if (append.length === 0 && remove.length === 0) return [];
  const lists = {
    ...(append.length === 0 ? {} : { append }),
    ...(remove.length === 0 ? {} : { delete: remove }),
  };
  return [`kargs: ${JSON.stringify(lists)}`];
}

function writeEdit(word: string): string {
  const at = word.indexOf("=");
  if (at <= 0) throw new BuildError("USAGE_ARGUMENT", `--write takes PATH=FILE, got ${JSON.stringify(word)}`);
  return `write: ${JSON.stringify({ path: word.slice(0, at), file: word.slice(at + 1) })}`;
}

function imageOptions({ region, sectorSize }: ImageFlags): {
  region?: RegionChoice;
  sectorLength?: 512 | 4096;
} {
  return {
    ...(region === undefined ? {} : { region }),
    ...(sectorSize === undefined ? {} : { sectorLength: sectorSize }),
  };
}

function regionOption(): Option {
  const description =
    "the partition to edit: a label, label=NAME, number=N, type=ID or role=ROLE (default role=boot)";
  return new Option("--region <choice>", description).argParser(parseRegion).default(undefined);
}

function parseRegion(word: string): RegionChoice {
  const [key = "", ...rest] = word.split("=");
  const value = rest.join("=");
  if (rest.length === 0) return { label: word };
  if (key === "label") return { label: value };
  if (key === "type") return { type: value };
  if (key === "number") return { number: wholeNumber(value) };
  if (key === "role" && isRole(value)) return { role: value };
  throw new InvalidArgumentError(
    `expected a label, label=NAME, number=N, type=ID or role=${regionRoles.join("|")}`,
  );
}

function isRole(word: string): word is RegionRole {
  return regionRoles.some((role) => role === word);
}

function sectorOption(): Option {
  return new Option("--sector-size <bytes>", "512 or 4096, where the image does not tell").argParser(
    (word) => {
      if (word === "512" || word === "4096") return Number(word);
      throw new InvalidArgumentError("expected 512 or 4096");
    },
  );
}

function wholeNumber(word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new InvalidArgumentError("expected a whole number");
  return Number(word);
}

function collect(word: string, words: readonly string[]): string[] {
  return [...words, word];
}

/** SOURCE_DATE_EPOCH as reproducible builds define it: seconds since 1970. */
function clockOf(environment: Surroundings["environment"]): { clock?: number } {
  const text = environment["SOURCE_DATE_EPOCH"] ?? "";
  if (text === "") return {};
  if (!/^\d{1,12}$/.test(text)) {
    throw new BuildError(
      "USAGE_ARGUMENT",
      `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, expected seconds since 1970`,
    );
  }
  return { clock: Number(text) };
}
