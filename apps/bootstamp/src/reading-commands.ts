// Commands that only read images. Each loads its code when it is run.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { RegionChoice } from "@bootstamp/layout";
import { ProgramError } from "./program-error.ts";
import {
  imageArgument,
  imageOptions,
  parseRegion,
  regionOption,
  sectorOption,
  type ImageFlags,
} from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface VerifyFlags {
  readonly stamp?: string;
  readonly full?: boolean;
}

export function addVerify(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("verify")
    .description("decode files whole and check them, against a manifest beside them too")
    .argument("<path...>", "compressed images, paths or URLs, stamps, or output directories")
    .option("--stamp <file>", "say instead whether one artifact is that stamp's base with the stamp in it")
    .option("--full", "--stamp: read all of the artifact, not only what the stamp touches")
    .action(async (paths: string[], { stamp, full = false }: VerifyFlags) => {
      const [artifact = "", ...others] = paths;
      if (stamp === undefined) {
        if (full)
          throw new ProgramError("USAGE_ARGUMENT", "--full goes with --stamp: without it, all is read");
        const { verify } = await import("./commands/verify.ts");
        return await verify({ paths }, reporter, signal);
      }
      if (others.length > 0) throw new ProgramError("USAGE_ARGUMENT", "--stamp takes one artifact");
      const { verifyStamp } = await import("./commands/verify-stamp.ts");
      await verifyStamp({ artifact, stamp, full }, reporter, signal);
    });
}

export function addInspect(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("inspect")
    .description("show what an image holds, and what each part of it costs")
    .argument("<image>", imageArgument)
    .addOption(sectorOption())
    .action(async (image: string, flags: ImageFlags) => {
      const { inspect } = await import("./commands/inspect.ts");
      await inspect({ image, ...imageOptions(flags) }, reporter, signal);
    });
}

export function addLs(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("ls")
    .description("list a directory inside an image")
    .argument("<image>", imageArgument)
    .argument("[path]", "the directory, from the root of the partition's file system", "/")
    .addOption(regionOption("the partition to look into"))
    .addOption(sectorOption())
    .action(async (image: string, path: string, flags: ImageFlags) => {
      const { ls } = await import("./commands/ls.ts");
      await ls({ image, path, ...imageOptions(flags) }, reporter, signal);
    });
}

interface CatFlags extends ImageFlags {
  readonly file?: string;
  readonly partition?: RegionChoice;
  readonly range?: ByteRange;
}

export function addCat(root: Command, { reporter, signal, json }: ProgramContext): void {
  root
    .command("cat")
    .description("write a part of the raw image inside a file to standard output")
    .argument("<image>", imageArgument)
    .option("--file <path>", "a file, from the root of the file system of --region")
    .addOption(regionOption("the partition that --file is in"))
    .addOption(partitionOption())
    .option("--range <offset:length>", "bytes of the image, such as 1048576:512", parseRange)
    .addOption(sectorOption())
    .action(async (image: string, { file, partition, range, ...flags }: CatFlags) => {
      if (json) throw new ProgramError("USAGE_ARGUMENT", "--json and cat both want standard output");
      const asked = [
        ...(file === undefined ? [] : [{ file }]),
        ...(partition === undefined ? [] : [{ partition }]),
        ...(range === undefined ? [] : [{ range }]),
      ];
      const [part, second] = asked;
      if (part === undefined || second !== undefined)
        throw new ProgramError("USAGE_ARGUMENT", "cat takes one of --file, --partition and --range");
      const { cat } = await import("./commands/cat.ts");
      await cat({ image, part, ...imageOptions(flags) }, reporter, signal);
    });
}

function partitionOption(): Option {
  const description = "a whole partition: a label, label=NAME, number=N, type=ID or role=ROLE";
  return new Option("--partition <choice>", description).argParser(parseRegion);
}

interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

function parseRange(word: string): ByteRange {
  const [, offset, length] = /^(\d{1,15}):(\d{1,15})$/.exec(word) ?? [];
  if (offset === undefined || length === undefined)
    throw new InvalidArgumentError("Expected OFFSET:LENGTH, both in bytes.");
  return { offset: Number(offset), length: Number(length) };
}

interface UnpackFlags {
  readonly output: string;
  readonly device?: string;
}

export function addUnpack(root: Command, { reporter, signal, json }: ProgramContext): void {
  root
    .command("unpack")
    .description("decode an image, on all cores where it has segments, into a raw one, and check it")
    .argument("<image>", imageArgument)
    .requiredOption("-o, --output <file>", "the raw image to make, a block device, or - for standard output")
    .option("--device <text>", "to write onto a device: its model, serial number, or length in bytes")
    .action(async (image: string, flags: UnpackFlags) => {
      if (json && flags.output === "-")
        throw new ProgramError("USAGE_ARGUMENT", "--json and -o - both want standard output");
      const { unpack } = await import("./commands/unpack.ts");
      await unpack({ image, ...flags }, reporter, signal);
    });
}

export function addIndex(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("index")
    .description(
      "write an index of a .gz for other programs: indexed_gzip, rapidgzip, nbdkit's indexed-gzip filter",
    )
    .argument("<image>", "a .gz, of bootstamp or of anyone; a path, or an http, https or s3 URL")
    .requiredOption("-o, --output <file>", "the index to make, such as disk.raw.gz.gzidx")
    .action(async (image: string, { output }: { output: string }) => {
      const { writeIndex } = await import("./commands/write-index.ts");
      await writeIndex({ image, output }, reporter, signal);
    });
}
