import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { planRelayout, relayout } from "@bootstamp/disk-image";
import { composeTable, describeTable, readPartitionTable, type GptDescription } from "@bootstamp/layout";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gptOf, mebibyte, readRange, scratchFolder } from "./support.ts";

const folder = scratchFolder("relayout-law");
const old = join(folder, "old.img");
const output = join(folder, "new.img");

/** Partitions of random lengths, with gaps, their numbers shuffled. */
const tables: fc.Arbitrary<GptDescription> = fc
  .record({
    sectorLength: fc.constantFrom(512 as const, 4096 as const),
    parts: fc.array(fc.record({ gap: fc.nat(300), size: fc.integer({ min: 1, max: 700 }) }), {
      minLength: 2,
      maxLength: 6,
    }),
    numbers: fc.shuffledSubarray([1, 2, 3, 4, 5, 9], { minLength: 6 }),
  })
  .map(({ sectorLength, parts, numbers }) => {
    const table = gptOf(
      sectorLength,
      parts.map(() => ["linux-generic", 1] as const),
    );
    let end = mebibyte;
    const partitions = parts.map(({ gap, size }, index) => {
      const offset = end + gap * 4096;
      end = offset + size * 4096;
      const number = numbers[index] ?? 0;
      return Object.assign({}, table.partitions[index], { number, offset, length: size * 4096 });
    });
    const diskLength = Math.ceil(end / mebibyte + 1) * mebibyte;
    const ordered = partitions.toSorted((a, b) => a.number - b.number);
    return Object.assign({}, table, { diskLength, partitions: ordered });
  });

/** Writes the table, and a word into the first and last bytes of each partition. */
function writeOld(table: GptDescription): void {
  writeFileSync(old, "");
  truncateSync(old, table.diskLength);
  const file = openSync(old, "r+");
  for (const { offset, bytes } of composeTable(table)) writeSync(file, bytes, 0, bytes.length, offset);
  for (const { number, offset, length } of table.partitions) {
    writeSync(file, `first of ${number}`, offset);
    writeSync(file, `last of ${number}`, offset + length - 16);
  }
  closeSync(file);
}

test("whatever partition is put last, all else is as it was, and nothing of them is lost", async () => {
  await fc.assert(
    fc.asyncProperty(tables, fc.nat(5), async (table, chosen) => {
      const number = table.partitions[chosen % table.partitions.length]?.number ?? 0;
      const before = table.partitions.toSorted((a, b) => a.offset - b.offset).map((each) => each.number);
      fc.pre(before.at(-1) !== number);
      writeOld(table);
      const source = FileSource.open(old);
      const plan = await planRelayout({ source, choices: { partition: { number }, last: true } });
      await relayout({ source, plan, output });
      source.close();
      const written = FileSource.open(output);
      const after = describeTable(await readPartitionTable(written), written.length);
      written.close();
      expect(after).toEqual(plan.after);
      expect(after.diskId).toBe(table.diskId);
      expect(plan.moves.map((each) => each.number)).toEqual([
        ...before.filter((each) => each !== number),
        number,
      ]);
      for (const [index, { offset, ...rest }] of after.partitions.entries()) {
        expect(table.partitions[index]).toMatchObject(rest);
        const first = `first of ${rest.number}`;
        expect(readRange(output, offset, first.length).toString()).toBe(first);
        const last = `last of ${rest.number}`;
        expect(readRange(output, offset + rest.length - 16, last.length).toString()).toBe(last);
      }
    }),
    { numRuns: 40 },
  );
});
