// New images from old ones made here.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openFileSystem } from "@bootstamp/bootfs";
import { planRelayout, relayout, type DiskContent, type DiskProgress } from "@bootstamp/disk-image";
import type { TableDescription } from "@bootstamp/layout";
import { describe, expect, test } from "vitest";
import {
  codesOf,
  folder,
  make,
  makeOld,
  openSource,
  output,
  plan,
  put,
  source,
  table,
  tableOf,
} from "./relaid-out.ts";
import { clock, gptOf, mebibyte, noise, readRange, writeTree } from "./support.ts";

describe("a partition put behind all others", () => {
  test("comes last, all keep what makes them and what is in them", async () => {
    await makeOld();
    const done = await make({ partition: { role: "boot" }, last: true });
    expect(done.moves.map(({ number, to }) => [number, to.offset / mebibyte])).toEqual([
      [1, 1],
      [2, 2],
      [4, 5],
      [3, 11],
    ]);
    expect(codesOf(done)).toEqual(["NUMBERS_KEPT", "CANNOT_GROW"]);
    expect(done.notes[0]?.message).toMatch(/in the order 1, 2, 4, 3; they keep their numbers/);
    expect(done.notes[1]?.message).toMatch(/partition 4 is no longer behind all others/);
    const [before, after] = [await tableOf(source), await tableOf(output)];
    expect(after).toEqual(done.after);
    expect(after.diskLength).toBe(16 * mebibyte);
    for (const [index, { offset, ...rest }] of after.partitions.entries()) {
      expect(before.partitions[index]).toMatchObject(rest);
      const content = readRange(output, offset, rest.length);
      expect(content.subarray(0, 300_000).equals(noise(300_000, rest.number))).toBe(true);
      expect(content.subarray(300_000).every((byte) => byte === 0)).toBe(true);
    }
    expect(readRange(output, 0, 440).equals(noise(440, 77))).toBe(true);
    expect(statSync(output).blocks * 512).toBeLessThan(2 * mebibyte);
  });

  test("gives the same bytes each time, and says how far it is", async () => {
    await makeOld();
    await make({ partition: { number: 2 }, last: true });
    const first = readFileSync(output);
    const file = openSource(source);
    const seen: DiskProgress[] = [];
    const choices = { partition: { number: 2 }, last: true };
    await relayout({
      source: file,
      plan: await planRelayout({ source: file, choices }),
      output,
      onProgress: (progress) => seen.push(progress),
    });
    expect(readFileSync(output).equals(first)).toBe(true);
    expect(seen.at(-1)).toEqual({ what: "partition 2", done: 14 * mebibyte, total: 14 * mebibyte });
  });

  test("leaves all before it alone, and what is before the first partition too", async () => {
    await makeOld();
    put(40 * 512, noise(5000, 8));
    put(mebibyte - 512, noise(512, 9));
    await make({ partition: { number: 3 }, last: true });
    expect(readRange(output, 40 * 512, 5000).equals(noise(5000, 8))).toBe(true);
    expect(readRange(output, mebibyte - 512, 512).equals(noise(512, 9))).toBe(true);
  });

  test("in a disk of a length that is given", async () => {
    await makeOld();
    await make({ partition: { number: 3 }, last: true, diskLength: 40 * mebibyte });
    expect(await tableOf(output)).toMatchObject({ diskLength: 40 * mebibyte });
    await expect(
      plan({ partition: { number: 3 }, last: true, diskLength: 15 * mebibyte }),
    ).rejects.toMatchObject({
      code: "LAYOUT_OUT_OF_RANGE",
    });
  });

  test("of sectors of 4096 bytes is as good", async () => {
    await makeOld(
      gptOf(4096, [
        ["esp", 2],
        ["xbootldr", 2],
        ["root-x86-64", 2],
      ]),
    );
    const { after } = await make({ partition: { number: 2 }, last: true });
    expect(await tableOf(output)).toEqual(after);
  });

  test("with data that belong to no partition says what is left behind", async () => {
    const gap = table.partitions.map((each) =>
      each.number < 3 ? each : { ...each, offset: each.offset + mebibyte },
    );
    await makeOld({ ...table, partitions: gap, diskLength: table.diskLength + 2 * mebibyte });
    put(5 * mebibyte + 9000, Uint8Array.of(1));
    const done = await plan({ partition: { number: 3 }, last: true });
    expect(done.notes.find(({ code }) => code === "STRAY_DATA")?.message).toMatch(
      /at offset 5251072 that belong to no/,
    );
  });

  test("that is there already, or longer than it is, is nothing to do", async () => {
    await makeOld();
    for (const choices of [{ last: true }, {}, { shrink: { length: 7 * mebibyte } }]) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(plan({ partition: { number: 4 }, ...choices })).rejects.toMatchObject({
        code: "DISK_NOTHING_TO_DO",
      });
    }
  });

  test("that is given up leaves nothing", async () => {
    await makeOld();
    const file = openSource(source);
    const signal = AbortSignal.abort("enough");
    const planned = await planRelayout({ source: file, choices: { partition: { number: 2 }, last: true } });
    const path = join(folder, "never.img");
    await expect(relayout({ source: file, plan: planned, output: path, signal })).rejects.toBe("enough");
    expect(existsSync(path)).toBe(false);
  });
});

describe("in an MBR", () => {
  const bootable = { placement: "primary", typeId: "0x83", bootable: false } as const;
  const mbr: TableDescription = {
    kind: "mbr",
    sectorLength: 512,
    diskLength: 12 * mebibyte,
    diskId: "0x1234abcd",
    partitions: [
      { ...bootable, number: 1, offset: mebibyte, length: 2 * mebibyte, typeId: "0x0c", bootable: true },
      {
        ...bootable,
        number: 2,
        offset: 3 * mebibyte,
        length: 6 * mebibyte,
        placement: "extended",
        typeId: "0x0f",
      },
      { ...bootable, number: 3, offset: 10 * mebibyte, length: mebibyte },
      { ...bootable, number: 5, offset: 4 * mebibyte, length: mebibyte, placement: "logical" },
      { ...bootable, number: 6, offset: 7 * mebibyte, length: 2 * mebibyte, placement: "logical" },
    ],
  };

  test("logical partitions go with the extended one", async () => {
    await makeOld(mbr);
    const done = await make({ partition: { number: 1 }, last: true });
    const after = await tableOf(output);
    expect(after).toEqual(done.after);
    expect(after.diskId).toBe("0x1234abcd");
    expect(after.partitions.map(({ number, offset }) => [number, offset / mebibyte])).toEqual([
      [1, 8],
      [2, 1],
      [3, 7],
      [5, 2],
      [6, 5],
    ]);
    for (const { number, offset } of after.partitions.filter((each) => each.number !== 2)) {
      expect(readRange(output, offset, 300_000).equals(noise(300_000, number))).toBe(true);
    }
  });

  test("a logical partition does not move alone", async () => {
    await makeOld(mbr);
    await expect(plan({ partition: { number: 5 }, last: true })).rejects.toMatchObject({
      code: "DISK_LOGICAL",
      message: expect.stringMatching(/partition 5 is logical/),
    });
  });
});

describe("a FAT", () => {
  const files = { "EFI/BOOT/BOOTX64.EFI": noise(200_000), "loader.conf": "timeout 0\n" };
  const path = writeTree(join(folder, "fat"), files);
  const fat: DiskContent = { kind: "directory", path, fileSystem: "fat", label: "ESP", uuid: "7B77-95E7" };
  const large = gptOf(512, [
    ["esp", 40],
    ["xbootldr", 36],
    ["root-x86-64", 1],
  ]);
  const contents = new Map([
    [1, fat],
    [2, fat],
  ]);

  test("that moves knows its new place, if it knew the old one", async () => {
    await makeOld(large, contents);
    const { moves } = await make({ partition: { number: 1 }, last: true });
    for (const { number, to } of moves.filter((move) => move.number < 3)) {
      expect([number, readRange(output, to.offset + 28, 4).readUInt32LE() * 512]).toEqual([
        number,
        to.offset,
      ]);
      expect(readRange(output, to.offset + 6 * 512 + 28, 4).readUInt32LE() * 512).toBe(to.offset);
    }
    put(41 * mebibyte + 28, new Uint8Array(4));
    await make({ partition: { number: 1 }, last: true });
    expect(readRange(output, mebibyte + 28, 4).readUInt32LE()).toBe(0);
  });

  test("is not shrunk", async () => {
    await makeOld(large, contents);
    await expect(plan({ partition: { number: 2 }, shrink: { reserve: 0 } })).rejects.toMatchObject({
      code: "DISK_FAT_NOT_SHRUNK",
      message: expect.stringMatching(/made anew from its files/),
    });
  });

  test("is made anew from its files, if asked for", async () => {
    await makeOld(large, contents);
    const done = await make({
      partition: { number: 2 },
      shrink: { reserve: 2 * mebibyte },
      remakeFat: true,
      last: true,
    });
    const move = done.moves.find(({ number }) => number === 2);
    expect(move).toMatchObject({ content: "remade", to: { offset: 42 * mebibyte, length: 3 * mebibyte } });
    expect(codesOf(done)).toContain("OTHER_FAT");
    expect(done.clock).toBe(clock);
    const view = await openFileSystem(openSource(output), move?.to ?? { offset: 0, length: 0 });
    expect(view.identity).toMatchObject({ kind: "fat12", label: "ESP", uuid: "7B77-95E7" });
    expect(Buffer.compare(view.read("/EFI/BOOT/BOOTX64.EFI"), noise(200_000))).toBe(0);
    expect(view.stat("/loader.conf")).toMatchObject({ length: 10, modified: clock });
  });

  test("is not made anew too small", async () => {
    await makeOld(large, contents);
    const choices = { partition: { number: 2 }, shrink: { length: 100 * 1024 }, remakeFat: true };
    await expect(plan(choices)).rejects.toMatchObject({ code: "DISK_SHRINK_TOO_SMALL" });
  });

  test("and what is unknown, is not shrunk either", async () => {
    await makeOld(large, contents);
    await expect(plan({ partition: { number: 3 }, shrink: { length: 512 } })).rejects.toMatchObject({
      code: "DISK_NOT_SHRINKABLE",
      message: expect.stringMatching(/partition 3 cannot be shrunk: no file system is known/),
    });
  });
});
