// What composeTable writes, held against what Linux's tools write for the same layout, byte by byte.
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeFileSync } from "node:fs";
import {
  composeTable,
  type GptDescription,
  type MbrDescription,
  type TableDescription,
} from "@bootstamp/layout";
import { requires, run, sfdiskVerify, sgdiskVerify } from "@bootstamp/witnesses";
import fc from "fast-check";
import { expect, test } from "vitest";
import { coreosDescription, gptDescriptions, imageOf, mbrDescriptions, mebibyte } from "./descriptions.ts";
import { readTableOf, seenBySfdisk, seenByUs, sfdisk, withImage } from "./partition-tools.ts";

/** Each run starts tools: a failure is not made smaller. */
const runs = { numRuns: 8, endOnFailure: true };
const attributeNames = ["RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable"];

/** The script from which sfdisk and fdisk make the same table. */
function scriptOf(description: TableDescription): string {
  return description.kind === "gpt" ? gptScriptOf(description) : mbrScriptOf(description);
}

function gptScriptOf({ diskId, sectorLength, entryCount = 128, partitions }: GptDescription): string {
  const lines = partitions.map(({ number, offset, length, typeId, uniqueId, name, attributes }) => {
    const words = attributes.map((bit) => attributeNames[bit] ?? `GUID:${bit}`).join(" ");
    const start = `${number} : start=${offset / sectorLength}, size=${length / sectorLength}`;
    return `${start}, type=${typeId}, uuid=${uniqueId}, name="${name}", attrs="${words}"`;
  });
  return `label: gpt\nlabel-id: ${diskId}\ntable-length: ${entryCount}\n\n${lines.join("\n")}\n`;
}

function mbrScriptOf({ diskId, sectorLength, partitions }: MbrDescription): string {
  const lines = partitions.map(({ number, offset, length, typeId, bootable }) => {
    const place = `${number} : start=${offset / sectorLength}, size=${length / sectorLength}`;
    return `${place}, type=${typeId.slice(2)}${bootable ? ", bootable" : ""}`;
  });
  return `label: dos\nlabel-id: ${diskId}\n\n${lines.join("\n")}\n`;
}

/** Lets fdisk, or sfdisk for sectors of 512 bytes, make the layout. */
async function writeByTool(path: string, description: TableDescription): Promise<void> {
  if (description.sectorLength === 512) {
    await sfdisk(path, scriptOf(description));
  } else {
    writeFileSync(`${path}.script`, scriptOf(description));
    await run("fdisk", ["-b", "4096", path], { input: `I\n${path}.script\nw\n` });
  }
}

async function writtenByTool(description: TableDescription): Promise<Buffer> {
  return await withImage(description.diskLength, async (path) => {
    await writeByTool(path, description);
    return readFileSync(path);
  });
}

function readRange(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  closeSync(file);
  return bytes;
}

/** "" if the images are the same, else the first rows that differ. */
function differenceOf(ours: Buffer, theirs: Buffer): string {
  if (ours.length !== theirs.length) return `${ours.length} bytes against ${theirs.length}`;
  const at = ours.equals(theirs) ? -1 : ours.findIndex((byte, index) => byte !== theirs[index]);
  if (at === -1) return "";
  const from = at - (at % 16);
  const row = (image: Buffer): string => image.subarray(from, from + 32).toString("hex");
  return `at ${from}: ${row(ours)} against ${row(theirs)}`;
}

test.each([512, 4096] as const)(
  "Fedora CoreOS's layout in sectors of %i comes out bit for bit as sfdisk's library makes it",
  requires("sfdisk", "fdisk"),
  async (sectorLength) => {
    const description = coreosDescription(sectorLength);
    const pieces = composeTable(description);
    await withImage(description.diskLength, async (path) => {
      await writeByTool(path, description);
      // All partitions lie between the two ends.
      for (const offset of [0, description.diskLength - mebibyte]) {
        const ours = new Uint8Array(mebibyte);
        for (const piece of pieces) {
          const at = piece.offset - offset;
          if (at >= 0 && at < mebibyte) ours.set(piece.bytes, at);
        }
        expect(differenceOf(Buffer.from(ours), readRange(path, offset, mebibyte))).toBe("");
      }
    });
  },
);

/** sfdisk knows entries of 128 bytes only, and in names neither quotes nor what is not in the basic plane. */
const sfdiskGpts = gptDescriptions.map((description) => {
  const partitions = description.partitions.map((each) => ({
    ...each,
    name: each.name.replaceAll(/["\\]|^\s+|\s+$|[^\0-\uffff]/gu, "-"),
  }));
  return { ...description, entryLength: 128, partitions };
});

test(
  "random GPTs come out bit for bit as sfdisk and fdisk make them",
  requires("sfdisk", "fdisk"),
  async () => {
    await fc.assert(
      fc.asyncProperty(sfdiskGpts, async (description) => {
        const ours = imageOf(description, composeTable(description));
        expect(differenceOf(ours, await writtenByTool(description))).toBe("");
      }),
      runs,
    );
  },
);

/** sfdisk refuses a logical partition with less than 1 MiB free before it behind one that has as much. */
const sfdiskMbrs = mbrDescriptions.filter(({ sectorLength, partitions }) => {
  const logicals = partitions.filter(({ placement }) => placement === "logical");
  let end = partitions.find(({ placement }) => placement === "extended")?.offset ?? 0;
  const gaps = logicals.map(({ offset, length }) => {
    const gap = offset - end;
    end = offset + length;
    return gap;
  });
  const [first = 0, ...others] = gaps;
  return first < 1 << 20 || others.every((gap) => gap > (1 << 20) + sectorLength);
});

test(
  "random MBRs with logical partitions come out bit for bit as sfdisk and fdisk make them",
  requires("sfdisk", "fdisk"),
  async () => {
    await fc.assert(
      fc.asyncProperty(sfdiskMbrs, async (description) => {
        const ours = imageOf(description, composeTable(description));
        const theirs = withoutLeftovers(await writtenByTool(description), description);
        expect(differenceOf(ours, theirs)).toBe("");
      }),
      runs,
    );
  },
);

/** fdisk leaves whatever was in its memory behind the boot records in sectors of 4096 bytes. */
function withoutLeftovers(image: Buffer, description: MbrDescription): Buffer {
  for (const { offset, bytes } of composeTable(description)) {
    const end = offset + bytes.length;
    image.fill(0, end, Math.ceil(end / description.sectorLength) * description.sectorLength);
  }
  return image;
}

function sectors(start: number, count: number): { readonly offset: number; readonly length: number } {
  return { offset: start * 512, length: count * 512 };
}

test("CHS fields past cylinder 1023, and sizes past 2 TiB, are sfdisk's", requires("sfdisk"), async () => {
  const primary = { placement: "primary", typeId: "0x83", bootable: false } as const;
  const partitions = [
    { number: 1, ...sectors(2048, 16_450_559), ...primary },
    { number: 2, ...sectors(16_452_608, 4_000_000), ...primary },
    { number: 3, ...sectors(2 ** 31, 2 ** 31 - 1), ...primary },
  ];
  const mbr = {
    kind: "mbr",
    sectorLength: 512,
    diskLength: 3 * 2 ** 40,
    diskId: "0xfeedbeef",
    partitions,
  } as const;
  const gpt = { ...coreosDescription(512), diskLength: 3 * 2 ** 40 };
  for (const description of [mbr, gpt]) {
    const [record] = composeTable(description);
    // oxlint-disable-next-line no-await-in-loop
    const theirs = await withImage(description.diskLength, async (path) => {
      await sfdisk(path, scriptOf(description));
      return readRange(path, 440, 72);
    });
    expect(Buffer.from(record?.bytes ?? [])).toEqual(theirs);
  }
});

test(
  "what is written passes sfdisk, sgdisk, parted and partx",
  requires("sfdisk", "sgdisk", "parted", "partx"),
  async () => {
    // The tools know entries of 128 bytes only.
    const gpts = gptDescriptions.filter(({ entryLength }) => entryLength === 128);
    const small = fc.oneof(gpts, mbrDescriptions).filter(({ sectorLength }) => sectorLength === 512);
    await fc.assert(
      fc.asyncProperty(small, async (description) => {
        await withImage(description.diskLength, async (path) => {
          writeFileSync(path, imageOf(description, composeTable(description)));
          truncateSync(path, description.diskLength);
          expect(await sfdiskVerify(path)).toMatch(/No errors detected/);
          if (description.kind === "gpt") await sgdiskVerify(path);
          expect(seenByUs(await readTableOf(path))).toEqual(await seenBySfdisk(path));
          expect(await seenByParted(path)).toEqual(rangesOf(description));
          expect(await seenByPartx(path)).toEqual(rangesOf(description));
        });
      }),
      runs,
    );
  },
);

function rangesOf({ partitions }: TableDescription): string[] {
  return partitions.map(({ number, offset, length }) => `${number} ${offset} ${offset + length}`).toSorted();
}

async function seenByParted(path: string): Promise<string[]> {
  const printed = await run("parted", ["-s", "-m", path, "unit", "B", "print"]);
  const rows = [...printed.matchAll(/^(\d+):(\d+)B:(\d+)B:/gm)];
  return rows.map(([, number, start, last]) => `${number} ${start} ${Number(last) + 1}`).toSorted();
}

async function seenByPartx(path: string): Promise<string[]> {
  const printed = await run("partx", ["--show", "--noheadings", "-o", "NR,START,END", path], {
    statuses: [0, 1],
  });
  const rows = [...printed.matchAll(/^ *(\d+) +(\d+) +(\d+)$/gm)];
  return rows
    .map(([, number, start, last]) => `${number} ${512 * Number(start)} ${512 * (Number(last) + 1)}`)
    .toSorted();
}
