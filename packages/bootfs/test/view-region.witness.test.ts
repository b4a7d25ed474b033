// The same view through a thread, of sources whose bytes have to be waited for.
import { readFileSync, symlinkSync } from "node:fs";
import { viewRegion } from "@bootstamp/bootfs";
import { SourceError, type ByteSource } from "@bootstamp/byte-source";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { noise } from "./support/edit-image.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("view-region");
const long = noise(3_000_001);
const files = { "short.txt": "short\n", "folder/long.bin": long };
const shift = 4096 * 3;

/** An image that begins somewhere in the source, and takes its time. */
function slowSource(path: string): ByteSource {
  const bytes = Buffer.concat([Buffer.alloc(shift, 0xee), readFileSync(path)]);
  return {
    length: bytes.length,
    read: async (offset, length) => {
      await new Promise((resolve) => setImmediate(resolve));
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}

describe("a view through a thread", requires("mke2fs", "mkfs.vfat", "mcopy"), () => {
  test.each(["ext4", "fat16"] as const)("of %s shows what is there", async (kind) => {
    const path = `${folder}/${kind}.img`;
    writeTree(`${folder}/tree-${kind}`, files);
    if (kind === "ext4") symlinkSync("folder", `${folder}/tree-${kind}/link`);
    const make = kind === "ext4" ? makeExt : makeFat;
    const options = kind === "ext4" ? ["-t", "ext4"] : ["-F", "16"];
    await make(path, { options, tree: `${folder}/tree-${kind}`, length: 32 << 20 });
    const source = slowSource(path);
    const view = await viewRegion(source, { offset: shift, length: source.length - shift });
    try {
      expect(view.identity.kind).toBe(kind);
      expect(await view.freeBytes()).toBeGreaterThan(20 << 20);
      const names = (await view.list("/")).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["short.txt", "folder"]));
      const asked = ["/short.txt", "/folder/long.bin"].map(async (each) => (await view.stat(each)).length);
      expect(await Promise.all(asked)).toEqual([6, long.length]);
      const parts: Uint8Array[] = [];
      for await (const part of view.content("/folder/long.bin")) parts.push(part);
      expect(Buffer.concat(parts).equals(Buffer.from(long))).toBe(true);
      const link = kind === "ext4" ? await view.readLink("/link") : "folder";
      expect(link).toBe("folder");
      await expect(view.stat("/missing")).rejects.toMatchObject({ code: "BOOTFS_NOT_FOUND" });
      await expect(view.content("/folder").next()).rejects.toMatchObject({ code: "BOOTFS_IS_DIRECTORY" });
    } finally {
      await view.close();
    }
  });

  test("says what is wrong with the source", async () => {
    const source: ByteSource = {
      length: 1 << 20,
      read: async () => {
        throw new SourceError("SOURCE_CHANGED", "the file has changed");
      },
    };
    await expect(viewRegion(source, { offset: 0, length: 1 << 20 })).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
    });
  });

  test("of nothing that is known is refused", async () => {
    const source: ByteSource = {
      length: 1 << 20,
      read: async (_, length) => new Uint8Array(length).fill(0xab),
    };
    await expect(viewRegion(source, { offset: 0, length: 1 << 20 })).rejects.toMatchObject({
      code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
    });
  });
});
