import { keyIssue, oneOf, z } from "@bootstamp/declaration";
import { asWritten } from "./schema-parts.ts";
import type { PublishItem, S3Item } from "./spec-file.ts";

/** Does not repeat the text, which may hold a password. */
const endpointMessage = "an endpoint is a URL of http or https, without a name, password or query in it";

/** One part of a key: a folder of its own, nothing above it, and not the one of the bases. */
const folderName = z.string().regex(
  // oxlint-disable-next-line no-control-regex
  /^(?!\.{1,2}$|bases$)[^/\u0000-\u001f\u007f]{1,255}$/,
  `a release has a name without "/" and control characters, of at most 255 characters, which is not "bases"`,
);

const objectUrl = z
  .string()
  .regex(/^s3:\/\/[\w.:-]{1,255}\/.+$/, "a base on the server is named s3://BUCKET/KEY");

const s3: z.ZodType<S3Item | undefined> = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[\w.:/-]{1,255}$/, "this is no name of a bucket")
      .describe("The bucket; it must be there."),
    prefix: z
      .string()
      .regex(/^(?!\/)/, "a prefix does not begin with a slash")
      .default("")
      .describe("The folder that every key is in."),
    endpoint: z
      .string()
      .regex(/^https?:\/\/[^@?#\s]+$/, endpointMessage)
      .optional()
      .describe("The URL of a server that is not Amazon's."),
    region: z.string().min(1).optional().describe("The region; default: as the AWS SDK finds it."),
    profile: z
      .string()
      .min(1)
      .optional()
      .describe("The profile of ~/.aws; default: as the AWS SDK finds it."),
    release: folderName
      .optional()
      .describe("The folder of this release; default: named by the manifest's digest."),
    latest: z.boolean().default(true).describe("Whether latest.json is to name this release."),
    base: z
      .union([objectUrl, z.array(objectUrl).min(1)])
      .optional()
      .describe("Stampable images on the server to compose the variants of, in place of what a build made."),
    "equal-parts": z
      .boolean()
      .default(false)
      .describe("True: parts of one length, as Cloudflare R2 demands it."),
    checksums: z
      .enum(["when-supported", "when-required", "none"])
      .default("when-supported")
      .describe("What the server is given to check by: CRCs and MD5, MD5 alone, or nothing."),
    "checksum-algorithm": z
      .enum(["crc64nvme", "crc32"])
      .default("crc64nvme")
      .describe("The CRC that the server is asked to check and keep."),
    "content-type": z.string().min(1).optional().describe("The artifacts' Content-Type."),
    "content-disposition": z.string().min(1).optional().describe("The artifacts' Content-Disposition."),
    "cache-control": z.string().min(1).optional().describe("The objects' Cache-Control."),
    "storage-class": z.string().min(1).optional().describe("The objects' storage class."),
    tags: z.record(z.string().min(1), asWritten).default({}).describe("The objects' tags."),
    sse: z
      .enum(["AES256", "aws:kms", "aws:kms:dsse"])
      .optional()
      .describe("How the server encrypts the objects; default: as the bucket says."),
    "sse-kms-key-id": z
      .string()
      .min(1)
      .optional()
      .describe("The key of an encryption by KMS; default: the account's own."),
    overwrite: z.boolean().default(false).describe("Whether objects of other bytes may be replaced."),
    keep: z
      .int()
      .min(1)
      .optional()
      .describe("Releases to keep, the newest; older ones are removed afterwards. Default: all."),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || value["sse-kms-key-id"] === undefined) return;
    if (value.sse === undefined || value.sse === "AES256")
      issues.push(
        keyIssue(value, "sse-kms-key-id", `"sse-kms-key-id" needs "sse" to be aws:kms or aws:kms:dsse`),
      );
  })
  .optional()
  .describe("A bucket of an S3 server. Credentials come from the environment, never from here.");

/** Where the artifacts are published. */
export const publish: z.ZodType<readonly PublishItem[]> = z
  .array(oneOf({ s3 }, ["s3"]))
  .default([])
  .describe("Where `bootstamp publish SPEC` puts the artifacts.");
