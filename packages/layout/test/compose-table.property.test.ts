import { MemorySource } from "@bootstamp/byte-source";
import {
  composeTable,
  describeTable,
  gptUsable,
  LayoutError,
  readPartitionTable,
  type TableDescription,
} from "@bootstamp/layout";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gptDescriptions, imageOf, mbrDescriptions } from "./descriptions.ts";

async function readBack(description: TableDescription): Promise<TableDescription> {
  const image = imageOf(description, composeTable(description));
  const { sectorLength, diskLength } = description;
  const table = await readPartitionTable(new MemorySource(image), { sectorLength });
  expect(table.warnings).toEqual([]);
  return describeTable(table, diskLength);
}

test("a GPT that was written is read as it was described", async () => {
  await fc.assert(
    fc.asyncProperty(gptDescriptions, async (description) => {
      expect(await readBack(description)).toEqual({ ...description, usable: gptUsable(description) });
    }),
    { numRuns: 60 },
  );
});

test("an MBR that was written is read as it was described", async () => {
  await fc.assert(
    fc.asyncProperty(mbrDescriptions, async (description) => {
      expect(await readBack(description)).toEqual(description);
    }),
    { numRuns: 60 },
  );
});

test("pieces are in order, disjoint and inside the disk, and leave partitions and boot code alone", () => {
  fc.assert(
    fc.property(fc.oneof(gptDescriptions, mbrDescriptions), (description) => {
      const holders = description.partitions.filter(
        (partition) => !("placement" in partition) || partition.placement !== "extended",
      );
      let end = 440;
      for (const { offset, bytes } of composeTable(description)) {
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + bytes.length;
        const isHit = holders.some((held) => held.offset < end && offset < held.offset + held.length);
        expect(isHit).toBe(false);
      }
      expect(end).toBeLessThanOrEqual(description.diskLength);
    }),
    { numRuns: 60 },
  );
});

const fields = ["number", "offset", "length"] as const;
const values = fc.oneof(
  fc.constantFrom(-1, 0, 1, 511, 512, 2 ** 31, 2 ** 32, 2 ** 41, 2 ** 53, Infinity, NaN, 0.5),
  fc.nat(20_000_000),
);

test("whatever number is put into a description, it is written so that it can be read, or refused", async () => {
  const descriptions = fc
    .oneof(gptDescriptions, mbrDescriptions)
    .filter((each) => each.partitions.length > 0);
  await fc.assert(
    fc.asyncProperty(descriptions, fc.nat(), fc.constantFrom(...fields), values, async (...drawn) => {
      const [description, position, field, value] = drawn;
      const at = position % description.partitions.length;
      const partitions = description.partitions.map((each, index) =>
        index === at ? { ...each, [field]: value } : each,
      );
      // A partition of the same kind, with another number in it.
      const changed = { ...description, partitions } as TableDescription;
      const refusal = await refusalOf(changed, partitions[at]);
      expect(refusal).toMatch(/^$|^LAYOUT_(?!.*DAMAGED|.*DIFFERS)/);
    }),
    { numRuns: 150 },
  );
});

/** The code of the error with which `description` is refused; "" if it is read back with `expected` in it. */
async function refusalOf(description: TableDescription, expected: object | undefined): Promise<string> {
  try {
    const { partitions } = await readBack(description);
    expect(partitions).toContainEqual(expected);
    return "";
  } catch (error) {
    if (error instanceof LayoutError) return error.code;
    throw error;
  }
}
