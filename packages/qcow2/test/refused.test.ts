import { readFileSync } from "node:fs";
import { MemorySource } from "@bootstamp/byte-source";
import { isQcow2, openQcow2 } from "@bootstamp/qcow2";
import { requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { mixedBytes, openPath, Workshop } from "./images.ts";

/** An image's bytes, changed. */
async function changed(path: string, change: (view: DataView, bytes: Buffer) => void): Promise<unknown> {
  const bytes = readFileSync(path);
  change(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes);
  const source = await openQcow2(new MemorySource(bytes));
  return await source.read(0, source.length);
}

describe("what cannot be read right is refused by name", requires("qemu-img", "qemu-io"), () => {
  test("a backing file", async () => {
    await using workshop = new Workshop();
    const base = await workshop.create(1 << 20, "compat=1.1");
    const path = workshop.path("overlay.qcow2");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, path]);
    await expect(openPath(path)).rejects.toMatchObject({
      code: "QCOW2_BACKING_FILE",
      message: `cannot read the qcow2 image: it has the backing file "${base}"`,
    });
  });

  test("encryption", async () => {
    await using workshop = new Workshop();
    const path = workshop.path("image.qcow2");
    const options = [
      "--object",
      "secret,id=key,data=password",
      "-o",
      "encrypt.format=aes,encrypt.key-secret=key",
    ];
    await run("qemu-img", ["create", "-q", "-f", "qcow2", ...options, path, "1M"]);
    await expect(openPath(path)).rejects.toMatchObject({
      code: "QCOW2_ENCRYPTED",
      message: "cannot read the qcow2 image: it is encrypted with AES",
    });
    // Making one with LUKS needs a clock that a busy machine has not.
    await expect(changed(path, (view) => view.setUint32(32, 2))).rejects.toMatchObject({
      code: "QCOW2_ENCRYPTED",
      message: "cannot read the qcow2 image: it is encrypted with LUKS",
    });
  });

  test("an external data file", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(1 << 20, `compat=1.1,data_file=${workshop.path("data")}`);
    await expect(openPath(path)).rejects.toMatchObject({ code: "QCOW2_EXTERNAL_DATA" });
  });

  test("images that were not closed, are marked corrupt, or need what is unknown", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(1 << 20, "compat=1.1");
    const feature = async (bits: bigint): Promise<unknown> =>
      await changed(path, (view) => view.setBigUint64(72, bits));
    await expect(feature(1n)).rejects.toMatchObject({ code: "QCOW2_DIRTY" });
    await expect(feature(2n)).rejects.toMatchObject({ code: "QCOW2_MARKED_CORRUPT" });
    await expect(feature(1n << 40n)).rejects.toMatchObject({
      code: "QCOW2_UNKNOWN_FEATURE",
      message: "cannot read the qcow2 image: it needs the incompatible feature 40",
    });
  });

  test("an unknown feature is called what the image calls it", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(1 << 20, "compat=1.1");
    const named = changed(path, (view, bytes) => {
      view.setBigUint64(72, 1n << 5n);
      // The first entry of the feature name table that QEMU writes is that of the dirty bit.
      const entry = bytes.indexOf("dirty bit") - 2;
      bytes[entry + 1] = 5;
      bytes.write("colder\u001bbits\0", entry + 2);
    });
    await expect(named).rejects.toMatchObject({
      message: String.raw`cannot read the qcow2 image: it needs the feature "colder\u001bbits"`,
    });
  });

  test.each([
    ["version 1", "QCOW2_VERSION", (view: DataView) => view.setUint32(4, 1)],
    ["version 4", "QCOW2_VERSION", (view: DataView) => view.setUint32(4, 4)],
    ["clusters of 256 bytes", "QCOW2_DAMAGED", (view: DataView) => view.setUint32(20, 8)],
    ["clusters of 4 MiB", "QCOW2_VERSION", (view: DataView) => view.setUint32(20, 22)],
    ["a short header", "QCOW2_DAMAGED", (view: DataView) => view.setUint32(100, 96)],
    ["an unknown encryption", "QCOW2_ENCRYPTED", (view: DataView) => view.setUint32(32, 3)],
    ["an endless L1 table", "QCOW2_DAMAGED", (view: DataView) => view.setUint32(36, 0xffff_ffff)],
    ["an L1 table outside the file", "QCOW2_DAMAGED", (view: DataView) => view.setBigUint64(40, 1n << 40n)],
    ["an L1 table askew", "QCOW2_DAMAGED", (view: DataView) => view.setBigUint64(40, 8n)],
    [
      "a disk larger than the L1 table",
      "QCOW2_DAMAGED",
      (view: DataView) => view.setBigUint64(24, 1n << 50n),
    ],
    ["a disk of 2^60 bytes", "QCOW2_DAMAGED", (view: DataView) => view.setBigUint64(24, 1n << 60n)],
    ["a compression type without its bit", "QCOW2_DAMAGED", (view: DataView) => view.setUint8(104, 1)],
    [
      "an unknown compression",
      "QCOW2_VERSION",
      (view: DataView) => {
        view.setBigUint64(72, 8n);
        view.setUint8(104, 2);
      },
    ],
    [
      "an endless backing file name",
      "QCOW2_DAMAGED",
      (view: DataView) => {
        view.setBigUint64(8, 200n);
        view.setUint32(16, 1024);
      },
    ],
    ["reserved bits in the L1 table", "QCOW2_DAMAGED", flipInL1(0x0100_0000_0000_0000n)],
    ["an L2 table outside the file", "QCOW2_DAMAGED", flipInL1(0x0000_0100_0000_0000n)],
    ["an L2 table askew", "QCOW2_DAMAGED", flipInL1(0x200n)],
    ["reserved bits in an L2 table", "QCOW2_DAMAGED", flipInL2(0x0100_0000_0000_0000n)],
    ["a cluster outside the file", "QCOW2_DAMAGED", flipInL2(0x0000_0100_0000_0000n)],
    ["a cluster beyond any file", "QCOW2_DAMAGED", flipInL2(0x0080_0000_0000_0000n)],
    ["a cluster askew", "QCOW2_DAMAGED", flipInL2(0x200n)],
    ["a compressed cluster that is none", "QCOW2_CLUSTER_DAMAGED", flipInL2(1n << 62n)],
  ])("%s", async (_, code, change) => {
    await using workshop = new Workshop();
    // Random bytes: as a compressed cluster they make no sense.
    const path = await workshop.convert(mixedBytes(1 << 16));
    await expect(changed(path, change)).rejects.toMatchObject({ code });
  });

  test("zeros by flag in a version 2 image", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(1 << 16, "compat=0.10", ["write -P 1 0 64k"]);
    await expect(changed(path, flipInL2(1n))).rejects.toMatchObject({ code: "QCOW2_DAMAGED" });
  });

  test("subclusters that contradict themselves", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(1 << 16, "compat=1.1,extended_l2=on", ["write -P 1 0 64k"]);
    const bothWays = changed(path, (view) => view.setBigUint64(l2Of(view) + 8, 0x1_0000_0001n));
    await expect(bothWays).rejects.toMatchObject({ code: "QCOW2_DAMAGED" });
    const nowhere = changed(path, (view) => view.setBigUint64(l2Of(view), 0n));
    await expect(nowhere).rejects.toMatchObject({ code: "QCOW2_DAMAGED" });
    await expect(changed(path, flipInL2(1n))).rejects.toMatchObject({ code: "QCOW2_DAMAGED" });
  });

  test.each([["zlib"], ["zstd"]])("a file that was cut off, compressed with %s", async (type) => {
    await using workshop = new Workshop();
    const path = await workshop.convert(mixedBytes(1 << 20), "-c", "-o", `compression_type=${type}`);
    const bytes = readFileSync(path);
    for (const part of [4, 8, 71, 103, 300, 70_000, 200_000, bytes.length - 70_000]) {
      const source = openQcow2(new MemorySource(bytes.subarray(0, part)));
      const read = source.then(async (opened) => await opened.read(0, opened.length));
      await expect(read).rejects.toMatchObject({
        code: expect.stringMatching(/^QCOW2_(DAMAGED|CLUSTER_DAMAGED)$/),
      });
    }
  });
});

test("what does not begin as qcow2 is none", async () => {
  for (const bytes of [[], [0x51, 0x46, 0x49], [0x4b, 0x44, 0x4d, 0x56, 0, 0, 0, 3]]) {
    expect(isQcow2(Uint8Array.from(bytes))).toBe(false);
    const opened = openQcow2(new MemorySource(Uint8Array.from(bytes)));
    await expect(opened).rejects.toMatchObject({ code: "QCOW2_NOT_THIS_FORMAT" });
  }
  expect(isQcow2(Buffer.from("QFI\u00fb", "latin1"))).toBe(true);
});

function l2Of(view: DataView): number {
  return Number(view.getBigUint64(Number(view.getBigUint64(40))) & 0x00ff_ffff_ffff_fe00n);
}

function flipInL1(bits: bigint): (view: DataView) => void {
  return (view) => {
    const at = Number(view.getBigUint64(40));
    view.setBigUint64(at, view.getBigUint64(at) ^ bits);
  };
}

function flipInL2(bits: bigint): (view: DataView) => void {
  return (view) => view.setBigUint64(l2Of(view), view.getBigUint64(l2Of(view)) ^ bits);
}
