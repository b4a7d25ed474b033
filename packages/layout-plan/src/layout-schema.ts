import { byteLength, jsonSchemaOf, z } from "@bootstamp/declaration";
import { partitionTypeNames } from "@bootstamp/layout";
import { attributeBits } from "./attribute-names.ts";
import {
  diskOrders,
  fileSystemNames,
  type LayoutFile,
  type PaddingItem,
  type PartitionItem,
} from "./layout-file.ts";

/** At least one byte: what a partition can have. */
const someLength: z.ZodType<number> = byteLength.refine((bytes) => bytes > 0, "0 bytes are no length here");

const weight = z.int().min(0).max(1_000_000);

/** Numbers and texts whose spelling matters, such as 0x0c: read again from the file. */
const spelled = z.union([z.string().min(1, "a text is needed"), z.number()]);

const path = z.string().min(1, "a path is needed");

const padding: z.ZodType<PaddingItem> = z
  .union([
    byteLength.transform((length) => ({ min: length, max: length, weight: 0 })),
    z.strictObject({
      min: byteLength.prefault(0).describe("The least free space behind the partition."),
      max: byteLength.optional().describe("The most free space behind the partition."),
      weight: weight.default(0).describe("Its share of what the image has left."),
    }),
  ])
  .prefault(0)
  .describe("Free space behind the partition.");

const sectorLength = z.literal([512, 4096]);

const sectors = z
  .union([
    sectorLength.transform((length) => [length]),
    z
      .array(sectorLength)
      .min(1, "an image has sectors of 512 or 4096 bytes")
      .refine((lengths) => new Set(lengths).size === lengths.length, "the same length is there twice")
      .meta({ uniqueItems: true }),
  ])
  .prefault(512)
  .describe("Bytes in a sector: 512, 4096, or a list of both for two images.");

const partition: z.ZodType<PartitionItem> = z
  .strictObject({
    name: z.string().default("").describe("The partition's name in the GPT, at most 36 UTF-16 units."),
    number: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe("Its number, as Linux counts; default: the lowest free one."),
    type: spelled
      .default("linux-generic")
      .describe(`What it is for: "esp", "xbootldr", "root-x86-64", a GUID, an MBR id such as 0x0c.`),
    uuid: z
      .guid("a GUID such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 is expected")
      .optional()
      .describe("Its own GUID in a GPT; default: derived from the seed."),
    size: someLength.optional().describe("Its exact length."),
    min: someLength.optional().describe("The least length that it may have."),
    max: someLength.optional().describe("The greatest length that it may have."),
    weight: weight
      .optional()
      .describe("Its share of what the image has left, beside the weights of the others."),
    padding,
    offset: someLength.optional().describe("Where it starts in the image; default: behind those before it."),
    align: someLength.optional().describe("What its offset is a multiple of; default: align of the layout."),
    attributes: z
      .array(z.union([z.enum(Object.keys(attributeBits)), z.int().min(0).max(63)]))
      .default([])
      .describe("GPT attribute bits, by name or number."),
    bootable: z.boolean().default(false).describe("MBR: the active flag; GPT: attribute bit 2."),
    logical: z.boolean().optional().describe("MBR: whether it lies in the extended partition."),
    priority: z
      .int()
      .min(-2_147_483_648)
      .max(2_147_483_647)
      .default(0)
      .describe("Above 0: may be left out when there is no room, the highest first."),
    variable: z.boolean().default(false).describe("True: variants may change what is in it."),
    grows: z
      .boolean()
      .default(false)
      .describe("True: is enlarged on the first boot, so nothing is put behind it."),
    reserve: byteLength.prefault(0).describe("Room beside its content, when its size is taken from that."),
    image: path.optional().describe("A raw file-system image to put in."),
    directory: path.optional().describe("A directory to make a file system of."),
    "file-system": z.enum(fileSystemNames).optional().describe("The file system to make."),
    "file-system-label": z.string().optional().describe("Its label; default: the name, where it fits."),
    "file-system-uuid": spelled
      .optional()
      .describe("Its UUID, of FAT its volume id; default: derived from the partition's."),
  })
  .describe("One partition.");

const architectures = partitionTypeNames("gpt")
  .filter((name) => /^root-(?!.*-verity)/.test(name))
  .map((name) => name.slice("root-".length));

/** The schema of a layout file; docs/LAYOUT.md says it in words. */
export const layoutSchema: z.ZodType<LayoutFile> = z
  .strictObject({
    version: z.literal(1).describe("The version of this format: 1."),
    table: z.enum(["gpt", "mbr"]).default("gpt").describe("The kind of partition table."),
    sectors,
    size: z
      .union([z.literal("fit"), someLength])
      .prefault("fit")
      .describe(`Bytes of the image; "fit": as few as its partitions need.`),
    "disk-id": spelled
      .optional()
      .describe(
        "The disk's GUID, in an MBR its signature such as 0x1234abcd; default: derived from the seed.",
      ),
    seed: z
      .string()
      .min(1, "a seed is needed")
      .optional()
      .describe("What ids are derived from: a GUID or any text; default: the table, names and types."),
    architecture: z.enum(architectures).optional().describe(`Which the types "root" and "usr" are for.`),
    align: someLength.prefault("1MiB").describe("What offsets of partitions are multiples of."),
    first: someLength
      .optional()
      .describe("The first byte that partitions may use; default 1MiB, or the lowest offset."),
    entries: z.int().min(1).max(1024).default(128).describe("How many partitions a GPT has room for."),
    order: z
      .enum(diskOrders)
      .default("variable-last")
      .describe("Whether variable partitions are put behind the others."),
    partitions: z
      .array(partition)
      .min(1, "a layout needs a partition")
      .max(1024, "a layout has at most 1024 partitions")
      .describe("The partitions, in the order of their numbers."),
  })
  .describe("A bootstamp layout: the partitions of a disk image, and what is in them.");

/** The JSON Schema (draft 2020-12) of a layout file, for editors. */
export function layoutJsonSchema(): object {
  return jsonSchemaOf("bootstamp layout", layoutSchema);
}
