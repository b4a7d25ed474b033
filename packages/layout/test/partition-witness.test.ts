import { open } from "node:fs/promises";
import { truncateSync, writeFileSync } from "node:fs";
import { requires, run } from "@bootstamp/witnesses";
import { MemorySource } from "@bootstamp/byte-source";
import { readPartitionTable } from "@bootstamp/layout";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  gptScript,
  parseAttributes,
  placed,
  type PlacedPartition,
  readTableOf,
  seenBySfdisk,
  seenByUs,
  sfdisk,
  wantedPartitions,
  withImage,
} from "./partition-tools.ts";
import { gptImage } from "./table-images.ts";

const length = 64 << 20;
const runs = { numRuns: 6 };

test("random GPTs of sfdisk are read as sfdisk reads them", requires("sfdisk"), async () => {
  await fc.assert(
    fc.asyncProperty(wantedPartitions, async (wanted) => {
      await withImage(length, async (path) => {
        await sfdisk(path, gptScript(wanted, 2048));
        const table = await readTableOf(path);
        expect(table.warnings).toEqual([]);
        expect(table.partitions).toHaveLength(wanted.length);
        expect(seenByUs(table)).toEqual(await seenBySfdisk(path));
      });
    }),
    runs,
  );
});

test("random GPTs of sgdisk are read as sfdisk reads them", requires("sfdisk", "sgdisk"), async () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 128 }), { minLength: 7, maxLength: 7 });
  const slots = fc.constantFrom(128, 136, 1024);
  await fc.assert(
    fc.asyncProperty(wantedPartitions, numbers, slots, async (wanted, chosen, slotCount) => {
      await withImage(length, async (path) => {
        const options = placed(wanted, 260).flatMap((part, index) => sgdiskOptions(part, chosen[index] ?? 0));
        await run("sgdisk", ["-a", "1", "-S", String(slotCount), ...options, path]);
        const table = await readTableOf(path);
        expect(table.partitions).toHaveLength(wanted.length);
        expect(seenByUs(table)).toEqual(await seenBySfdisk(path));
      });
    }),
    runs,
  );
});

function sgdiskOptions(part: PlacedPartition, number: number): string[] {
  const { start, size, type, name, attributes } = part;
  const set = attributes.flatMap((bit) => ["-A", `${number}:set:${bit}`]);
  const placement = `${number}:${start}:${start + size - 1}`;
  return ["-n", placement, "-t", `${number}:${type}`, "-c", `${number}:${name}`].concat(set);
}

// sfdisk knows no images of 4096-byte sectors; fdisk does, and takes sfdisk's scripts.
test("random GPTs of 4096-byte sectors are read as fdisk reads them", requires("fdisk"), async () => {
  await fc.assert(
    fc.asyncProperty(wantedPartitions, async (wanted) => {
      await withImage(256 << 20, async (path) => {
        writeFileSync(`${path}.script`, gptScript(wanted, 256));
        await run("fdisk", ["-b", "4096", path], { input: `I\n${path}.script\nw\n` });
        const table = await readTableOf(path);
        expect(table).toMatchObject({ kind: "gpt", sectorLength: 4096, warnings: [] });
        const seen = seenByUs(table).partitions.map(({ start, size, type, uuid, name, attributes }) => {
          return { start, size, type, uuid, name: name ?? "", attributes };
        });
        expect(seen).toEqual(await seenByFdisk(path));
      });
    }),
    runs,
  );
});

async function seenByFdisk(path: string): Promise<object[]> {
  const columns = "Start,Sectors,Type-UUID,UUID,Attrs,Name";
  const printed = await run("fdisk", ["-b", "4096", "-l", "-o", columns, path], {
    env: { LC_ALL: "C.UTF-8" },
  });
  const row = /^ *(\d+) +(\d+) +([0-9A-F-]{36}) +([0-9A-F-]{36}) ?(.*)$/gm;
  return [...printed.matchAll(row)].map(([, start, size, type = "", uuid = "", rest = ""]) => {
    const attributes =
      /^ *((?:(?:RequiredPartition|NoBlockIOProtocol|LegacyBIOSBootable|GUID:[\d,]+) ?)*)/.exec(rest);
    return {
      start: Number(start),
      size: Number(size),
      type: type.toLowerCase(),
      uuid: uuid.toLowerCase(),
      name: rest.slice(attributes?.[0].length ?? 0).trim(),
      attributes: parseAttributes(attributes?.[1] ?? ""),
    };
  });
}

const mbrTypes = ["c", "83", "ef", "ea", "82", "7"];

test("random MBRs with logical partitions are read as sfdisk reads them", requires("sfdisk"), async () => {
  const primaries = fc.array(fc.record({ gap: fc.nat(999), size: fc.integer({ min: 1, max: 999 }) }), {
    maxLength: 3,
  });
  const logicals = fc.array(fc.record({ gap: fc.nat(99), size: fc.integer({ min: 1, max: 999 }) }), {
    maxLength: 9,
  });
  const extended = fc.constantFrom("5", "f", "85");
  await fc.assert(
    fc.asyncProperty(
      primaries,
      logicals,
      extended,
      fc.nat(8),
      async (first, inner, extendedType, deleted) => {
        await withImage(length, async (path) => {
          const lines = ["label: dos", "label-id: 0xfeedbeef"];
          let next = 2048;
          for (const [index, { gap, size }] of first.entries()) {
            lines.push(
              `start=${next + gap}, size=${size}, type=${mbrTypes[index]}${index === 1 ? ", bootable" : ""}`,
            );
            next += gap + size;
          }
          lines.push(`start=${next}, size=60000, type=${extendedType}`);
          for (const [index, { gap, size }] of inner.entries()) {
            next += 2 + gap;
            lines.push(`start=${next}, size=${size}, type=${mbrTypes[index % 6]}`);
            next += size;
          }
          await sfdisk(path, `${lines.join("\n")}\n`);
          if (deleted < inner.length) await run("sfdisk", ["--delete", path, String(5 + deleted)]);
          const table = await readTableOf(path);
          expect(table.kind).toBe("mbr");
          expect(seenByUs(table)).toEqual(await seenBySfdisk(path));
        });
      },
    ),
    runs,
  );
});

test("an MBR of 4096-byte sectors is read as fdisk makes it", requires("fdisk"), async () => {
  await withImage(length, async (path) => {
    writeFileSync(
      `${path}.script`,
      "label: dos\nstart=256, size=100, type=c\nstart=400, size=2000, type=83\n",
    );
    await run("fdisk", ["-b", "4096", path], { input: `I\n${path}.script\nw\n` });
    expect((await readTableOf(path, 4096)).partitions).toMatchObject([
      { offset: 256 * 4096, length: 100 * 4096, typeId: "0x0c" },
      { offset: 400 * 4096, length: 2000 * 4096, typeId: "0x83" },
    ]);
  });
});

test("a hybrid MBR of sgdisk is told from its protective one", requires("sgdisk"), async () => {
  await withImage(length, async (path) => {
    await run("sgdisk", ["-n", "1:2048:+3M", "-n", "2:0:+8M", path]);
    expect(await readTableOf(path)).toMatchObject({ protection: "protective" });
    await run("sgdisk", ["--hybrid", "1:2", path]);
    expect(await readTableOf(path)).toMatchObject({ kind: "gpt", protection: "hybrid" });
  });
});

test(
  "what was enlarged is read, what was cut is refused, and sgdisk agrees that both are odd",
  requires("sgdisk"),
  async () => {
    await withImage(length, async (path) => {
      await run("sgdisk", ["-n", "1:2048:+3M", path]);
      truncateSync(path, 2 * length);
      expect((await readTableOf(path)).warnings).toMatchObject([{ code: "BACKUP_NOT_AT_END" }]);
      expect(await run("sgdisk", ["--verify", path])).toMatch(/doesn't reside\s+at the end of the disk/);
      truncateSync(path, length / 2);
      await expect(readTableOf(path)).rejects.toMatchObject({ code: "LAYOUT_BACKUP_DAMAGED" });
      await run("sgdisk", ["--move-second-header", path]);
      expect((await readTableOf(path)).warnings).toEqual([]);
    });
  },
);

/** Names without an architecture stand for that of the machine. */
const aliases = /^(root|usr)(-secondary)?(-verity)?(-sig)?$/;

const damages: readonly (readonly [string, number, string])[] = [
  ["the primary header", 512, "LAYOUT_GPT_HEADER_DAMAGED"],
  ["the primary entries", 1024, "LAYOUT_GPT_ENTRIES_DAMAGED"],
  ["the backup header", length - 512, "LAYOUT_BACKUP_DAMAGED"],
];

test.each(damages)(
  "damage to %s is cured as docs/ERRORS.md says",
  requires("sgdisk"),
  async (_what, offset, code) => {
    await withImage(length, async (path) => {
      await run("sgdisk", ["-n", "1:2048:+3M", path]);
      const before = await readTableOf(path);
      const file = await open(path, "r+");
      await file.write("damage", offset + 60);
      await file.close();
      await expect(readTableOf(path)).rejects.toMatchObject({ code });
      await run("sgdisk", ["-e", path]);
      expect(await readTableOf(path)).toEqual(before);
    });
  },
);

test("every type that systemd knows has systemd's name", requires("systemd-id128"), async () => {
  const printed = await run("systemd-id128", ["show", "--uuid"]);
  const rows = [...printed.matchAll(/^(\S+) +([0-9a-f-]{36})$/gm)].filter(
    ([, name = ""]) => !aliases.test(name),
  );
  expect(rows.length).toBeGreaterThan(100);
  for (const [, name, type = ""] of rows) {
    const image = gptImage({ parts: [{ first: 40n, last: 40n, type }] });
    const { partitions } = await readPartitionTable(new MemorySource(image));
    expect(partitions[0]?.typeName).toBe(name);
  }
});
