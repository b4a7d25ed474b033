// Boot loaders, made of the bytes by which they are known.
import type { RelayoutChoices } from "@bootstamp/disk-image";
import { describe, expect, test } from "vitest";
import { make, makeOld, output, plan, put } from "./relaid-out.ts";
import { mebibyte, readRange } from "./support.ts";

/** The first sector of GRUB 2, which finds the second at `lba`; and that one, which finds `runs`. */
function putGrub(at: number, lba: number, runs: readonly (readonly [lba: number, count: number])[]): void {
  const boot = Buffer.alloc(440);
  boot.writeUInt16LE(0x8000, 90);
  boot.writeBigUInt64LE(BigInt(lba), 92);
  boot.write("GRUB \0Geom\0", 0x180, "latin1");
  put(at, boot);
  const second = Buffer.alloc(512);
  for (const [index, [first, count]] of runs.entries()) {
    second.writeBigUInt64LE(BigInt(first), 500 - 12 * index);
    second.writeUInt16LE(count, 508 - 12 * index);
  }
  put(lba * 512, second);
}

function putText(at: number, offset: number, text: string): void {
  put(at, Buffer.alloc(440));
  put(at + offset, Buffer.from(text));
}

describe("a boot loader that reads sectors by their numbers", () => {
  const moveBoot: RelayoutChoices = { partition: { number: 3 }, last: true };
  const moveBios: RelayoutChoices = { partition: { number: 1 }, last: true };

  test("GRUB's core.img in a BIOS boot partition may stay, and must", async () => {
    await makeOld();
    putGrub(0, 2048, [[2049, 300]]);
    const kept = await plan(moveBoot);
    expect(kept.bootLoaders).toEqual([
      {
        name: "GRUB 2",
        partition: undefined,
        reads: {
          from: "disk",
          runs: [
            { offset: mebibyte, length: 512 },
            { offset: mebibyte + 512, length: 300 * 512 },
          ],
        },
      },
    ]);
    expect(kept.notes[0]).toMatchObject({
      code: "BOOT_LOADER_KEPT",
      message: expect.stringMatching(
        /GRUB 2 in the MBR reads partition 1, which stays .* the partition's number/,
      ),
    });
    await expect(plan(moveBios)).rejects.toMatchObject({
      code: "DISK_BOOT_LOADER",
      fields: { bootLoader: "GRUB 2", partition: 1 },
      message: expect.stringMatching(
        /GRUB 2 in the MBR reads sectors in partition 1, which is to be moved to offset/,
      ),
    });
    const forced = await plan({ ...moveBios, ignoreBootLoaders: true });
    expect(forced.notes[0]).toMatchObject({
      code: "BOOT_LOADER_MOVED",
      message: expect.stringMatching(/install it anew/),
    });
  });

  test("GRUB's core.img before the first partition stays", async () => {
    await makeOld();
    putGrub(0, 40, [[41, 60]]);
    expect((await plan(moveBoot)).notes[0]?.message).toMatch(/reads sectors before the partitions/);
  });

  test("GRUB's core.img as a file, in one of many runs, keeps its partition from moving", async () => {
    await makeOld();
    putGrub(0, 40, [
      [41, 60],
      [2050, 3],
      [10_240 + 50, 1],
    ]);
    await expect(plan({ partition: { number: 2 }, last: true })).rejects.toMatchObject({
      fields: { bootLoader: "GRUB 2", partition: 3 },
    });
  });

  test("GRUB in a partition is found there", async () => {
    await makeOld();
    putGrub(5 * mebibyte, 10_241, [[10_242, 4]]);
    await expect(plan(moveBoot)).rejects.toMatchObject({
      message: expect.stringMatching(
        /GRUB 2 in the first sector of partition 3 reads sectors in partition 3/,
      ),
    });
  });

  test("GRUB whose numbers lead out of the image, or go on for ever, is refused any move", async () => {
    await makeOld();
    putGrub(0, 2048, [[2 ** 40, 1]]);
    await expect(plan(moveBoot)).rejects.toMatchObject({
      message: expect.stringMatching(/lists that cannot be told/),
    });
    put(92, Buffer.from("ffffffffffffffff", "hex"));
    await expect(plan(moveBoot)).rejects.toMatchObject({ code: "DISK_BOOT_LOADER" });
    putGrub(
      0,
      2048,
      Array.from({ length: 42 }, () => [1, 1] as const),
    );
    await expect(plan(moveBoot)).rejects.toMatchObject({ code: "DISK_BOOT_LOADER" });
  });

  test.each([
    ["LILO", 6, "LILO"],
    ["LILO", 2, "LILO"],
    ["zipl", 0, "zIPL"],
  ])("%s is refused any move", async (name, offset, text) => {
    await makeOld();
    putText(0, offset, text);
    await expect(plan(moveBoot)).rejects.toMatchObject({
      code: "DISK_BOOT_LOADER",
      fields: { bootLoader: name },
      message: expect.stringMatching(new RegExp(`${name} in the MBR .* lists that cannot be told from here`)),
    });
  });

  test("GRUB Legacy is refused, unless its second stage is right behind the MBR", async () => {
    await makeOld();
    const stage1 = Buffer.alloc(440);
    stage1.writeUInt16LE(0x8000, 66);
    stage1.writeUInt32LE(9000, 68);
    stage1.write("GRUB \0", 0x180, "latin1");
    put(0, stage1);
    await expect(plan(moveBoot)).rejects.toMatchObject({ fields: { bootLoader: "GRUB Legacy" } });
    stage1.writeUInt32LE(1, 68);
    put(0, stage1);
    expect((await plan(moveBoot)).notes[0]).toMatchObject({ code: "BOOT_LOADER_KEPT" });
  });

  test.each(["SYSLINUX", "EXTLINUX"])("%s moves with its partition, but is not shrunk", async (name) => {
    await makeOld();
    const sector = Buffer.alloc(64);
    sector.write(name, 3, "latin1");
    sector.writeUInt32LE(10_240, 28);
    put(5 * mebibyte, sector);
    const moved = await make(moveBoot);
    expect(moved.notes[0]).toMatchObject({
      code: "BOOT_LOADER_MOVED",
      message: expect.stringMatching(
        new RegExp(`${name} in the first sector of partition 3 moves with its partition`),
      ),
    });
    expect(readRange(output, 11 * mebibyte + 28, 4).readUInt32LE()).toBe(22 * 1024);
    expect((await plan({ partition: { number: 2 }, last: true })).notes[0]?.code).toBe("BOOT_LOADER_MOVED");
  });
});
