import { byteLength, jsonSchemaOf, keyIssue, oneOf, someOf, z } from "@bootstamp/declaration";
import { regionRoles } from "@bootstamp/layout";
import { editSchema } from "./edit-schema.ts";
import { publish } from "./publish-schema.ts";
import { asWritten, hostPath, imagePath, nameKey } from "./schema-parts.ts";
import {
  defaultDigests,
  defaultOutputName,
  defaultRoom,
  digestNames,
  stampsChoices,
  type CompressionItem,
  type SpecFile,
  type VariantItem,
} from "./spec-file.ts";

/** What the program that reads the spec can do; a spec that asks for something else is refused. */
export interface KnownNames {
  /** The first is the default. */
  readonly formats: readonly [KnownFormat, ...KnownFormat[]];
}

/** A compressed format, and what a spec may choose about it. */
export interface KnownFormat {
  /** The ending of its files, such as `gz`. */
  readonly name: string;
  /** The first is the default. */
  readonly engines: readonly [string, ...string[]];
  /** Of all its engines together. */
  readonly levels: { readonly lowest: number; readonly highest: number };
  /** Names of checksums over each segment, where there is a choice; the first is the default. */
  readonly checks?: readonly [string, ...string[]];
  /** Whether more time for a little less size can be asked for. */
  readonly extreme?: boolean;
}

/** The names that the shipped JSON Schema lists. */
export const defaultKnownNames: KnownNames = {
  formats: [
    { name: "gz", engines: ["bootstamp", "libdeflate", "zlib", "pako"], levels: { lowest: 1, highest: 12 } },
    {
      name: "xz",
      engines: ["lzma-native", "xz"],
      levels: { lowest: 0, highest: 9 },
      extreme: true,
      checks: ["crc64", "crc32", "sha256"],
    },
    { name: "zst", engines: ["zstd"], levels: { lowest: 1, highest: 22 } },
  ],
};

const base = z
  .strictObject({
    image: hostPath.describe(
      "The disk image that all variants start from: a path, relative to the spec's folder, or an http, https or s3 URL; raw, qcow2, .gz, .xz or .zst.",
    ),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, "a SHA-256 is 64 hexadecimal digits")
      .optional()
      .describe("What the SHA-256 of the raw image must be, whatever it comes in; default: not checked."),
    "sector-size": z
      .literal([512, 4096])
      .optional()
      .describe("Bytes in a sector, 512 or 4096; default: found by itself."),
  })
  .describe("The base image.");

const region = oneOf(
  {
    label: z
      .string()
      .min(1)
      .optional()
      .describe("The partition's GPT name, or its file system's label, exactly."),
    number: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe("The partition's number, as Linux counts; 0: the whole of an image without a table."),
    type: z
      .string()
      .min(1)
      .optional()
      .describe(`A GPT type GUID, an MBR type id such as "0x0c", or an identifier such as xbootldr.`),
    role: z.enum(regionRoles).optional().describe("What the partition is for."),
  },
  ["label", "number", "type", "role"],
)
  .prefault({ role: "boot" })
  .describe("The partition whose files differ between variants; default role boot.");

const filesLimit = 256;

const reserve = someOf(
  {
    files: z
      .array(
        z.union([
          z.strictObject({
            path: imagePath.describe("The file."),
            room: byteLength
              .prefault(defaultRoom)
              .describe("Bytes that it may grow by, or be long if it is not there yet."),
          }),
          imagePath,
        ]),
      )
      .min(1)
      .max(filesLimit)
      .optional()
      .describe("Files that later variants rewrite or make: a path, or a map with the room to grow."),
    bytes: byteLength.optional().describe("Bytes of files that later variants make; default none."),
    directory: imagePath.optional().describe("The directory below which they make them; default the root."),
    slots: z
      .array(imagePath)
      .min(1)
      .max(filesLimit)
      .optional()
      .describe("Files whose bytes later variants fill where they lie."),
  },
  ["files", "bytes", "slots"],
)
  .check(({ value, issues }) => {
    if (issues.length === 0 && value.directory !== undefined && value.bytes === undefined)
      issues.push(keyIssue(value, "directory", `"directory" says where "bytes" go, which are not there`));
  })
  .describe("Room for variants that nobody knows yet.");

const store = z
  // a map that is wrong shall be told so: the first that could be meant is complained of
  .union([z.strictObject({ reserve }), z.enum(["touched", "whole"])])
  .default("touched")
  .describe(
    "What of the region is emitted uncompressed: the blocks that a variant changes, all of it, or those that foreseen edits would change, too.",
  );

function output(known: KnownNames) {
  return z
    .strictObject({
      directory: hostPath.default("out").describe("Where the artifacts go; relative to the spec's folder."),
      name: z
        .string()
        .min(1)
        .optional()
        .meta({ default: defaultOutputName })
        .describe("The artifact's file name without the ending of its format; a template."),
      formats: uniqueList(z.enum(known.formats.map(({ name }) => name)))
        .min(1)
        .default([known.formats[0].name])
        .describe("The compressed formats to make."),
      digests: uniqueList(z.enum(digestNames))
        .default([...defaultDigests])
        .describe(
          "The digests to compute: sha256 and fsverity of the artifact, raw-sha256 and raw-fsverity of the image in it.",
        ),
      bmap: z.boolean().default(false).describe("True: a bmap 2.0 file beside each artifact."),
      stamps: z
        .literal(stampsChoices)
        .default(false)
        .describe(
          "True: a stamp for each variant too; only: stamps and the base that they are for, no artifacts.",
        ),
      compression: z
        .strictObject(Object.fromEntries(known.formats.map((format) => [format.name, compression(format)])))
        .default({})
        .describe("How the base image is compressed, by format."),
    })
    .prefault({})
    .describe("What is made, and where it goes.");
}

function compression({
  name,
  engines,
  levels,
  checks,
  extreme,
}: KnownFormat): z.ZodType<CompressionItem | undefined> {
  const { lowest, highest } = levels;
  const all = z.strictObject({
    engine: z.enum(engines).optional().describe("What compresses the base image."),
    level: z
      .int()
      .min(lowest)
      .max(highest)
      .optional()
      .describe(`The level on the engine's own scale, ${lowest} to ${highest} at most.`),
    extreme: z.boolean().optional().describe("True: more time for a little less size."),
    check: z
      .enum(checks ?? [""])
      .optional()
      .describe("The checksum of each segment."),
  });
  // What a format has no choice of is an unknown key there, not one without a value.
  const withCheck: z.ZodType<CompressionItem> = extreme === true ? all : all.omit({ extreme: true });
  const without: z.ZodType<CompressionItem> =
    extreme === true ? all.omit({ check: true }) : all.omit({ extreme: true, check: true });
  return (checks === undefined ? without : withCheck)
    .optional()
    .describe(`How .${name} files are compressed.`);
}

function uniqueList<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .refine((items) => new Set(items).size === items.length, "the same name is there twice")
    .meta({ uniqueItems: true });
}

const values = z
  .record(nameKey, asWritten)
  .default({})
  .describe("Constants for templates: {{ values.name }}.");

const edits = z.array(editSchema).default([]);

const secret = oneOf(
  {
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable is expected")
      .optional()
      .describe("The environment variable that holds the secret."),
    file: hostPath.optional().describe("The text file that holds the secret; its path may have templates."),
  },
  ["env", "file"],
);

const variant: z.ZodType<VariantItem> = z
  .strictObject({
    name: z.string().min(1).describe("The variant's name; a template, one name per row and matrix cell."),
    table: hostPath
      .optional()
      .describe("A .csv or .json file: one variant per row, {{ row.column }} in templates."),
    rows: z
      .array(z.record(z.string(), asWritten))
      .min(1)
      .optional()
      .describe("The rows of a table, written out."),
    matrix: z
      .record(nameKey, z.array(asWritten).min(1))
      .optional()
      .describe("Lists of values: one variant per combination, {{ matrix.key }} in templates."),
    exclude: z
      .array(z.record(nameKey, asWritten))
      .min(1)
      .optional()
      .describe("Combinations of the matrix to leave out; a key that is not named may have any value."),
    values,
    edits: edits.describe("The edits of these variants, after the shared ones."),
  })
  .describe("One variant, or one per row of a table and per combination of a matrix.");

/** zod compiles a schema when it is first used. */
const schemas = new WeakMap<KnownNames, z.ZodType<SpecFile>>();

/** The schema of a spec file. docs/SPEC.md says in words what it says in code. */
export function specSchema(known: KnownNames): z.ZodType<SpecFile> {
  const schema = schemas.get(known) ?? buildSchema(known);
  schemas.set(known, schema);
  return schema;
}

function buildSchema(known: KnownNames): z.ZodType<SpecFile> {
  return z
    .strictObject({
      version: z.literal(1).describe("The version of this format: 1."),
      base,
      region,
      store,
      output: output(known),
      values,
      secrets: z
        .record(nameKey, secret)
        .default({})
        .describe("Texts that must not be shown: {{ secret.name }} in contents of files."),
      "allow-paths": z
        .array(hostPath)
        .default([])
        .describe("Folders and files outside the spec's folder that may be read too."),
      edits: edits.describe("The edits that every variant starts with."),
      variants: z.array(variant).min(1, "a spec needs a variant").describe("The variants."),
      publish,
    })
    .describe("A bootstamp spec: one base image, and the variants to stamp out of it.");
}

/** The JSON Schema (draft 2020-12) of a spec file, for editors. */
export function specJsonSchema(known: KnownNames = defaultKnownNames): object {
  return jsonSchemaOf("bootstamp spec", specSchema(known));
}
