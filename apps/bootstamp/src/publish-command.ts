// The command that puts artifacts into an object store.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { ObjectSettings, StoreOptions } from "@bootstamp/publish";
import type { TargetWords } from "./commands/publish/target.ts";
import { clockOf, listOption, wholeNumber } from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface PublishFlags {
  readonly output?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly base?: readonly string[];
  readonly equalParts?: true;
  readonly checksums?: StoreOptions["checksums"];
  readonly checksumAlgorithm?: StoreOptions["checksumAlgorithm"];
  readonly release?: string;
  readonly latest: boolean;
  readonly overwrite?: true;
  readonly contentType?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly sse?: ObjectSettings["encryption"];
  readonly sseKmsKeyId?: string;
  readonly prune?: number;
  readonly dryRun?: true;
}

export function addPublish(root: Command, { environment, reporter, signal }: ProgramContext): void {
  const command = root
    .command("publish")
    .description("put what a build made into S3: each base once, every variant composed on the server")
    .argument("<input>", "a spec (.yaml, .yml or .json), or the output directory of a build");
  addPlace(command);
  addSettings(command);
  command
    .option("--release <name>", "the folder of this release; default: from the manifest's SHA-256")
    .option("--no-latest", "leave latest.json as it is")
    .option("--overwrite", "replace objects of other bytes")
    .option("--prune <n>", "afterwards, remove all releases but the newest n", releaseCount)
    .option("--dry-run", "show what would be sent, copied and removed, and change nothing")
    .action(async (input: string, flags: PublishFlags) => {
      const { publish } = await import("./commands/publish/publish.ts");
      const { bucket, output, dryRun = false } = flags;
      const options = {
        input,
        ...clockOf(environment),
        ...(output === undefined ? {} : { outputDirectory: output }),
        ...(bucket === undefined ? {} : { bucket }),
        words: wordsOf(flags),
        dryRun,
      };
      await publish(options, reporter, signal);
    });
}

function addPlace(command: Command): void {
  command
    .option("-o, --output <directory>", "of a spec, in place of its output directory")
    .option("--bucket <name>", "the bucket; with a spec, in place of those that it publishes to")
    .option("--prefix <prefix>", "what all keys begin with")
    .option("--endpoint <url>", "of a server that is not Amazon's; default: $AWS_ENDPOINT_URL")
    .option("--region <name>", "the region; default: as the AWS SDK finds it")
    .option("--profile <name>", "the profile of ~/.aws; default: as the AWS SDK finds it")
    .addOption(
      listOption(
        "--base <s3://bucket/key>",
        "compose a spec's variants of this stampable image on the server; nothing need be built",
      ),
    )
    .option("--equal-parts", "make parts of one length, as Cloudflare R2 demands it")
    .addOption(
      new Option(
        "--checksums <which>",
        "what the server is given to check by: CRCs, MD5 alone, or nothing",
      ).choices(["when-supported", "when-required", "none"]),
    )
    .addOption(
      new Option("--checksum-algorithm <name>", "the CRC that the server checks and keeps").choices([
        "crc64nvme",
        "crc32",
      ]),
    );
}

function addSettings(command: Command): void {
  command
    .option("--content-type <text>", "the artifacts' Content-Type")
    .option("--content-disposition <text>", "the artifacts' Content-Disposition")
    .option("--cache-control <text>", "the objects' Cache-Control")
    .option("--storage-class <name>", "the objects' storage class")
    .addOption(new Option("--tag <name=value>", "a tag of the objects; may be repeated").argParser(addTag))
    .addOption(
      new Option("--sse <algorithm>", "how the server encrypts the objects").choices([
        "AES256",
        "aws:kms",
        "aws:kms:dsse",
      ]),
    )
    .option("--sse-kms-key-id <id>", "the key of an encryption by KMS");
}

function releaseCount(word: string): number {
  const count = wholeNumber(word);
  if (count === 0) throw new InvalidArgumentError("Expected 1 or more.");
  return count;
}

function addTag(word: string, tags: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = word.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("Expected NAME=VALUE.");
  return { ...tags, [word.slice(0, at)]: word.slice(at + 1) };
}

function wordsOf(flags: PublishFlags): TargetWords {
  const { release, base, overwrite, prune, latest } = flags;
  return {
    store: storeOf(flags),
    settings: settingsOf(flags),
    ...(release === undefined ? {} : { release }),
    ...(base === undefined ? {} : { bases: base }),
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(prune === undefined ? {} : { keep: prune }),
    ...(latest ? {} : { isLatest: false }),
  };
}

function storeOf(flags: PublishFlags): TargetWords["store"] {
  const { prefix, endpoint, region, profile, equalParts, checksums, checksumAlgorithm } = flags;
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(equalParts === undefined ? {} : { equalParts }),
    ...(checksums === undefined ? {} : { checksums }),
    ...(checksumAlgorithm === undefined ? {} : { checksumAlgorithm }),
  };
}

function settingsOf(flags: PublishFlags): ObjectSettings {
  const { contentType, contentDisposition, cacheControl, storageClass, tag, sse, sseKmsKeyId } = flags;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(sse === undefined ? {} : { encryption: sse }),
    ...(sseKmsKeyId === undefined ? {} : { kmsKeyId: sseKmsKeyId }),
  };
}
