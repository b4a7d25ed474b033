// New FAT volumes, held against fsck.vfat, blkid and mtools, empty and filled.
import { closeSync, openSync, truncateSync, writeSync } from "node:fs";
import { formatFat, type FatPiece, type FatVolume } from "@bootstamp/bootfs";
import { fsckVfat, readFatFile, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("format-fat");
const editor = sharedEditor();
const mebibyte = 1 << 20;

const volumes: Readonly<Record<string, Pick<FatVolume, "length" | "sectorLength" | "width">>> = {
  "FAT12 of 100 KiB": { length: 100 * 1024, sectorLength: 512 },
  "FAT12 of 1 MiB": { length: mebibyte, sectorLength: 512 },
  "FAT12 of 60 MiB": { length: 60 * mebibyte, sectorLength: 512, width: 12 },
  "FAT12 in sectors of 4096 bytes": { length: 8 * mebibyte, sectorLength: 4096 },
  "FAT16 of 32 MiB": { length: 32 * mebibyte, sectorLength: 512, width: 16 },
  "FAT16 of 300 MiB": { length: 300 * mebibyte, sectorLength: 512, width: 16 },
  "FAT16 in sectors of 4096 bytes": { length: 127 * mebibyte, sectorLength: 4096 },
  "FAT32 of 34 MiB": { length: 34 * mebibyte, sectorLength: 512 },
  "FAT32 of 127 MiB": { length: 127 * mebibyte, sectorLength: 512 },
  "FAT32 in sectors of 4096 bytes": { length: 300 * mebibyte, sectorLength: 4096 },
};

function writeVolume(path: string, volume: FatVolume): void {
  writePieces(path, "w", formatFat(volume));
  truncateSync(path, volume.length);
}

function writePieces(path: string, flags: "w" | "r+", pieces: readonly FatPiece[]): void {
  const file = openSync(path, flags);
  for (const { offset, bytes } of pieces) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

describe.each(Object.entries(volumes))("%s", requires("fsck.vfat", "blkid", "mcopy"), (name, shape) => {
  const path = `${folder}/${name.replaceAll(" ", "-")}.img`;
  const volume: FatVolume = {
    ...shape,
    label: "EFI-SYSTEM",
    serial: 0x7b77_95e7,
    startingSector: 2048,
    clock: 1_700_000_000,
  };

  // The label counts as a file.
  test("empty, it is clean and named", async () => {
    writeVolume(path, volume);
    expect(await fsckVfat(path)).toMatch(/ 1 files, [01]\/\d+ clusters/);
    const seen = await run("blkid", ["-p", "-o", "export", path]);
    expect(seen).toMatch(/^LABEL=EFI-SYSTEM$/m);
    expect(seen).toMatch(/^UUID=7B77-95E7$/m);
    expect(seen).toMatch(/^TYPE=vfat$/m);
    expect(seen).toMatch(new RegExp(`^VERSION=${name.slice(0, 5)}$`, "m"));
  });

  test("filled, it is clean, and mtools read what was put in", async () => {
    writeVolume(path, volume);
    const content = noise(30_000);
    const { patch, fileSystem } = await editImage(
      editor,
      path,
      [
        { verb: "write", path: "/EFI/BOOT/a rather long name.efi", content },
        { verb: "write", path: "/config.txt", content: bytesOf("x=1\n") },
      ],
      { sectorLength: shape.sectorLength, clock: 1_700_000_000 },
    );
    expect(fileSystem.label).toBe("EFI-SYSTEM");
    writePieces(path, "r+", patch);
    expect(await fsckVfat(path)).toMatch(/ 5 files/);
    const read = await readFatFile(path, "/EFI/BOOT/a rather long name.efi");
    expect(Buffer.compare(read, content)).toBe(0);
  });
});
