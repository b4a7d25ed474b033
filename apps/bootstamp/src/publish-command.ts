// The command that puts artifacts into an object store.
import type { Command } from "commander";
import type { ObjectSettings, StoreOptions } from "@bootstamp/publish";
import { wholeNumber } from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface PublishFlags {
  readonly bucket: string;
  readonly prefix?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly equalParts?: boolean;
  readonly release?: string;
  readonly latest: boolean;
  readonly overwrite?: boolean;
  readonly cacheControl?: string;
  readonly contentType?: string;
  readonly storageClass?: string;
  readonly prune?: number;
  readonly dryRun?: boolean;
}

export function addPublish(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("publish")
    .description("put what a build made into S3: each base once, every variant composed on the server")
    .argument("<directory>", "the output directory of a build")
    .requiredOption("--bucket <name>", "the bucket")
    .option("--prefix <prefix>", "what all keys begin with")
    .option("--endpoint <url>", "of a server that is not Amazon's")
    .option("--region <name>", "the region; default: as the AWS SDK finds it")
    .option("--profile <name>", "the profile of ~/.aws; default: as the AWS SDK finds it")
    .option("--equal-parts", "make parts of one length, as Cloudflare R2 demands it")
    .option("--release <name>", "the folder of this release; default: from the manifest's SHA-256")
    .option("--no-latest", "leave latest.json as it is")
    .option("--overwrite", "replace objects of other bytes")
    .option("--cache-control <text>", "the objects' Cache-Control")
    .option("--content-type <text>", "the objects' Content-Type")
    .option("--storage-class <name>", "the objects' storage class")
    .option("--prune <n>", "afterwards, remove all releases but the newest n", wholeNumber)
    .option("--dry-run", "show what would be sent and copied, and send nothing")
    .action(async (directory: string, flags: PublishFlags) => {
      const { publish } = await import("./commands/publish/publish.ts");
      const options = {
        directory,
        store: storeOf(flags),
        settings: settingsOf(flags),
        isLatest: flags.latest,
        overwrite: flags.overwrite ?? false,
        dryRun: flags.dryRun ?? false,
        ...(flags.release === undefined ? {} : { release: flags.release }),
        ...(flags.prune === undefined ? {} : { keep: flags.prune }),
      };
      await publish(options, reporter, signal);
    });
}

function storeOf({ bucket, prefix, endpoint, region, profile, equalParts }: PublishFlags): StoreOptions {
  return {
    bucket,
    ...(prefix === undefined ? {} : { prefix }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(equalParts === undefined ? {} : { equalParts }),
  };
}

function settingsOf({ cacheControl, contentType, storageClass }: PublishFlags): ObjectSettings {
  return {
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}
