// The command that tells flashers what there is.
import { Option, type Command } from "commander";
import { ProgramError } from "./program-error.ts";
import type { CatalogOptions } from "./commands/catalog/catalog.ts";
import { clockOf, listOption } from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface CatalogFlags {
  readonly for: "imager" | "coreos";
  readonly url: string;
  readonly description?: string;
  readonly icon?: string;
  readonly device?: readonly string[];
  readonly initFormat?: string;
  readonly format?: string;
  readonly stream?: string;
  readonly release?: string;
  readonly architecture?: string;
}

export function addCatalog(root: Command, { environment, reporter }: ProgramContext): void {
  root
    .command("catalog")
    .description(
      "print what there is in an output directory as a list that flashers read, dated SOURCE_DATE_EPOCH",
    )
    .argument("<directory>", "the output directory of a build")
    .addOption(
      new Option("--for <program>", "imager: an OS list of Raspberry Pi Imager; coreos: stream metadata")
        .choices(["imager", "coreos"])
        .makeOptionMandatory(),
    )
    .requiredOption("--url <prefix>", "what stands before the artifacts' names when they are fetched")
    .option("--description <text>", "imager: what each image is")
    .option("--icon <url>", "imager: the picture of each image")
    .addOption(listOption("--device <name>", "imager: a device that the images are for, such as pi5-64bit"))
    .option("--init-format <name>", "imager: how it may customise the images (default: none)")
    .option("--format <name>", "imager: the format to offer (default: the first of the spec)")
    .option("--stream <name>", "coreos: the stream")
    .option("--release <version>", "coreos: the version of the images")
    .option("--architecture <name>", "coreos: as uname -m has it (default: x86_64)")
    .action(async (directory: string, flags: CatalogFlags) => {
      const { clock } = clockOf(environment);
      const { catalog } = await import("./commands/catalog/catalog.ts");
      const kind = flags.for === "imager" ? imagerKind(flags, clock) : coreosKind(flags, clock);
      catalog({ directory, url: flags.url, kind }, reporter);
    });
}

function imagerKind(flags: CatalogFlags, clock: number | undefined): CatalogOptions["kind"] {
  const { description, icon, device, initFormat = "none", format } = flags;
  return {
    for: "imager",
    description: needed(description, "--for imager takes a --description"),
    icon: needed(icon, "--for imager takes an --icon"),
    devices: needed(device, "--for imager takes a --device"),
    initFormat,
    clock: needed(clock, undated),
    ...(format === undefined ? {} : { format }),
  };
}

function coreosKind(flags: CatalogFlags, clock: number | undefined): CatalogOptions["kind"] {
  const { stream, release, architecture = "x86_64" } = flags;
  return {
    for: "coreos",
    stream: needed(stream, "--for coreos takes a --stream"),
    release: needed(release, "--for coreos takes a --release"),
    architecture,
    clock: needed(clock, undated),
  };
}

const undated = "a catalogue has a date: set SOURCE_DATE_EPOCH, such as to $(date +%s)";

function needed<Value>(value: Value | undefined, message: string): Value {
  if (value === undefined) throw new ProgramError("USAGE_ARGUMENT", message);
  return value;
}
