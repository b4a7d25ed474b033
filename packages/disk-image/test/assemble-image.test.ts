import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatFat, openFileSystem } from "@bootstamp/bootfs";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import {
  assembleImage,
  type AssembleRequest,
  type DiskProgress,
  type DiskContent,
} from "@bootstamp/disk-image";
import { composeTable, readPartitionTable } from "@bootstamp/layout";
import { describe, expect, test } from "vitest";
import { clock, gptOf, mebibyte, noise, readRange, scratchFolder, writeTree } from "./support.ts";

const folder = scratchFolder("assemble");
const table = gptOf(512, [
  ["bios-boot", 1],
  ["esp", 40],
  ["xbootldr", 3],
]);

function request(change: Partial<AssembleRequest>): AssembleRequest {
  return { table, contents: new Map(), output: join(folder, "disk.img"), clock, ...change };
}

function source(bytes: Uint8Array): { kind: "source"; source: MemorySource } {
  return { kind: "source", source: new MemorySource(bytes) };
}

const esp = writeTree(join(folder, "esp"), {
  "EFI/BOOT/BOOTX64.EFI": noise(300_000),
  "loader/entries/": "",
  "loader/loader.conf": "timeout 0\n",
  "large.bin": noise(18 * mebibyte, 3),
  "another.bin": noise(2 * mebibyte, 4),
});

describe("an image", () => {
  test("has its table, boot code and contents in place, and holes elsewhere", async () => {
    const file = join(folder, "content.bin");
    writeFileSync(file, noise(70_000, 7));
    const bootCode = noise(440, 9);
    const assembled = await assembleImage(
      request({
        bootCode,
        contents: new Map<number, DiskContent>([
          [1, source(noise(5000, 5))],
          [3, { kind: "image", path: file }],
        ]),
      }),
    );
    expect(assembled).toMatchObject({
      length: 46 * mebibyte,
      sectorLength: 512,
      partitions: [
        { number: 1, content: "source", contentLength: 5000 },
        { number: 2, content: undefined, contentLength: 0 },
        { number: 3, content: "image", contentLength: 70_000, offset: 42 * mebibyte },
      ],
    });
    const image = readFileSync(assembled.path);
    const expected = Buffer.alloc(46 * mebibyte);
    for (const { offset, bytes } of composeTable(table)) expected.set(bytes, offset);
    expected.set(bootCode);
    expected.set(noise(5000, 5), mebibyte);
    expected.set(noise(70_000, 7), 42 * mebibyte);
    expect(image.equals(expected)).toBe(true);
    expect(statSync(assembled.path).blocks * 512).toBeLessThan(mebibyte);
  });

  test("has a FAT of a directory's files, the same each time", async () => {
    const content = { kind: "directory", path: esp, fileSystem: "fat", label: "EFI-SYSTEM" } as const;
    const outputs = [join(folder, "one.img"), join(folder, "two.img")];
    for (const output of outputs) {
      // oxlint-disable-next-line no-await-in-loop
      await assembleImage(request({ output, contents: new Map([[2, content]]) }));
    }
    const [one = "", two = ""] = outputs;
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    const image = FileSource.open(one);
    const { partitions } = await readPartitionTable(image);
    const [, partition] = partitions;
    if (partition === undefined) throw new Error("no partition 2");
    const view = await openFileSystem(image, partition);
    expect(view.identity).toMatchObject({ kind: "fat32", label: "EFI-SYSTEM", uuid: "B7C2-C602" });
    expect(Buffer.compare(view.read("/large.bin"), noise(18 * mebibyte, 3))).toBe(0);
    expect(Buffer.compare(view.read("/another.bin"), noise(2 * mebibyte, 4))).toBe(0);
    expect(view.stat("/EFI/BOOT/BOOTX64.EFI")).toMatchObject({ length: 300_000, modified: clock });
    expect(view.list("/loader").map(({ name }) => name)).toEqual(["entries", "loader.conf"]);
    // The place of the partition is in it: firmware of old finds files by it.
    expect(readRange(one, 2 * mebibyte + 28, 4).readUInt32LE()).toBe(4096);
    image.close();
  });

  test("says how far it is", async () => {
    const seen: DiskProgress[] = [];
    const contents = new Map([[3, source(noise(2 * mebibyte + 5))]]);
    await assembleImage(request({ contents, onProgress: (progress) => seen.push(progress) }));
    expect(seen.map(({ done }) => done)).toEqual([mebibyte, 2 * mebibyte, 2 * mebibyte + 5]);
    expect(seen.at(-1)).toEqual({ what: "partition 3", done: 2 * mebibyte + 5, total: 2 * mebibyte + 5 });
  });

  test("that is given up leaves nothing behind, nor in place of an older one", async () => {
    const output = join(folder, "given-up", "disk.img");
    writeTree(join(folder, "given-up"), { "disk.img": "older" });
    const controller = new AbortController();
    const contents = new Map([[3, source(noise(3 * mebibyte))]]);
    const running = assembleImage(
      request({ output, contents, signal: controller.signal, onProgress: () => controller.abort("enough") }),
    );
    await expect(running).rejects.toBe("enough");
    expect(readdirSync(join(folder, "given-up"))).toEqual(["disk.img"]);
    expect(readFileSync(output, "utf8")).toBe("older");
  });
});

test("a FAT of short sectors is not put on a disk of long ones, by name", async () => {
  const length = 4 * mebibyte;
  const bytes = new Uint8Array(length);
  const pieces = formatFat({ length, sectorLength: 512, serial: 1, clock });
  for (const piece of pieces) bytes.set(piece.bytes, piece.offset);
  const contents = new Map([[1, source(bytes)]]);
  const long = gptOf(4096, [["esp", 4]]);
  await expect(assembleImage(request({ table: long, contents }))).rejects.toMatchObject({
    code: "DISK_SECTOR_LENGTH",
    message: expect.stringMatching(/its fat12 file system is kept in units of 512 bytes, .* sectors of 4096/),
  });
  const short = await assembleImage(request({ table: gptOf(512, [["esp", 4]]), contents }));
  expect(short.partitions).toMatchObject([{ fileSystem: "fat12" }]);
});

describe("refused, with nothing left behind", () => {
  const output = join(folder, "refused.img");
  const links = writeTree(join(folder, "links"), { a: "a", b: "-> a" });
  const cases = writeTree(join(folder, "cases"), { "x/a": "1", "X/a": "2" });
  const large = writeTree(join(folder, "large"), { "a/b/c": noise(41 * mebibyte) });
  const fat = { kind: "directory", path: esp, fileSystem: "fat" } as const;
  const refused: readonly (readonly [string, Partial<AssembleRequest>, string, RegExp])[] = [
    [
      "content longer than its partition",
      { contents: new Map([[3, source(new Uint8Array(3 * mebibyte + 7))]]) },
      "DISK_CONTENT_TOO_LARGE",
      /partition 3 has 3,145,728 bytes, .*: 7 bytes are missing/,
    ],
    [
      "files larger than their FAT",
      { contents: new Map([[2, { ...fat, path: large }]]) },
      "DISK_CONTENT_TOO_LARGE",
      /partition 2, from .* at least 1,\d{3},\d{3} bytes are missing/,
    ],
    [
      "content for a partition that is not there",
      { contents: new Map([[4, source(new Uint8Array(1))]]) },
      "DISK_NO_PARTITION",
      /content for partition 4, but the table has 1, 2, 3/,
    ],
    ["too much boot code", { bootCode: new Uint8Array(441) }, "DISK_BOOT_CODE", /441 bytes, .* 440/],
    [
      "an image that is not there",
      { contents: new Map([[3, { kind: "image", path: "/nowhere" }]]) },
      "SOURCE_UNREADABLE",
      /\/nowhere/,
    ],
    [
      "a directory that is not there",
      { contents: new Map([[2, { ...fat, path: "/nowhere" }]]) },
      "DISK_CONTENT_UNREADABLE",
      /cannot read \/nowhere: ENOENT/,
    ],
    [
      "links in a FAT",
      { contents: new Map([[2, { ...fat, path: links }]]) },
      "DISK_ENTRY_UNSUPPORTED",
      /: b is a symbolic link/,
    ],
    [
      "names that are one to FAT",
      { contents: new Map([[2, { ...fat, path: cases }]]) },
      "DISK_ENTRY_UNSUPPORTED",
      /: X and x are one name/,
    ],
    [
      "a volume id that is none",
      { contents: new Map([[2, { ...fat, uuid: "x" }]]) },
      "DISK_FILE_SYSTEM_ID",
      /volume id "x"/,
    ],
    [
      "a label that FAT cannot hold",
      { contents: new Map([[2, { ...fat, label: "a.b" }]]) },
      "BOOTFS_NAME",
      /"a.b"/,
    ],
    [
      "a UUID that is none",
      { contents: new Map([[2, { ...fat, fileSystem: "ext4", uuid: "7B77-95E7" }]]) },
      "DISK_FILE_SYSTEM_ID",
      /UUID "7B77-95E7"/,
    ],
    [
      "a label that ext4 cannot hold",
      { contents: new Map([[2, { ...fat, fileSystem: "ext4", label: "x".repeat(17) }]]) },
      "DISK_FILE_SYSTEM_LABEL",
      /has 17 bytes, ext4 has room for 16/,
    ],
    ["a table that cannot be", { table: { ...table, diskLength: 5 } }, "LAYOUT_UNALIGNED", /./],
  ];

  test.each(refused)("%s", async (_what, change, code, message) => {
    const running = assembleImage(request({ output, ...change }));
    await expect(running).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(output)).toBe(false);
  });
});
