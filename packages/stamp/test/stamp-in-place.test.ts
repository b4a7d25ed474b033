import {
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { crc64nvme } from "@bootstamp/crc";
import { format as gzip } from "@bootstamp/gzip";
import { pressImage } from "@bootstamp/press";
import {
  type InPlaceFile,
  type InPlaceFiles,
  localFiles,
  recoverInPlace,
  stampInPlace,
} from "@bootstamp/stamp";
import { canMount, requires, runBytes, withTmpfs } from "@bootstamp/witnesses";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import {
  noise,
  openFile,
  overwritesOf,
  patchOf,
  temporaryDirectory,
  withOverwrites,
} from "./patched-bytes.ts";

const format = identityFormat();
const raw = noise(50_000);
const overwrites = [
  { offset: 10, bytes: noise(3000, 2) },
  { offset: 40_000, bytes: noise(1, 3) },
];
const patch = patchOf(raw, overwrites);
const before = encodeIdentity(raw);
const after = encodeIdentity(withOverwrites(raw, overwrites));

/** A file of its own in a directory of its own. */
function place(bytes: Uint8Array = before): string {
  const path = join(temporaryDirectory(), "base.img");
  writeFileSync(path, bytes);
  return path;
}

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

function expectClean(path: string, expected: Uint8Array): void {
  expect(Buffer.compare(bytesOf(path), expected)).toBe(0);
  expect(readdirSync(dirname(path))).toEqual(["base.img"]);
}

/** Files of this machine, of which one thing is otherwise. */
function filesWith(change: (file: InPlaceFile, path: string) => Partial<InPlaceFile>): InPlaceFiles {
  return {
    ...localFiles,
    open: async (path) => {
      const file = await localFiles.open(path);
      return file && { ...file, ...change(file, path) };
    },
    create: async (path) => {
      const file = await localFiles.create(path);
      return { ...file, ...change(file, path) };
    },
  };
}

describe("a file that is stamped in place", () => {
  test("is the artifact, and nothing stays beside it", async () => {
    const path = place();
    const inode = lstatSync(path).ino;
    const stamped = await stampInPlace({ path, format, patch, crc64nvme: crc64nvme.of(before) });
    expectClean(path, after);
    expect(lstatSync(path).ino).toBe(inode);
    expect(stamped.length).toBe(after.length);
    expect(stamped.packedCrc64nvme).toBe(crc64nvme.of(after));
    expect(Buffer.compare(withOverwrites(before, stamped.writes), after)).toBe(0);
  });

  test("may be a raw image", async () => {
    const path = place(raw);
    await stampInPlace({ path, patch });
    expectClean(path, withOverwrites(raw, overwrites));
    await expect(stampInPlace({ path, patch })).rejects.toMatchObject({ code: "MAP_PATCH_OTHER_BASE" });
  });

  test("may be stamped with nothing", async () => {
    const path = place(raw);
    const stamped = await stampInPlace({ path, patch: [] });
    expect(stamped.writes).toEqual([]);
    expectClean(path, raw);
  });

  test("is what gzip decodes to the patched image", requires("gzip"), async () => {
    const image = noise(300_000, 9);
    const base = openFile(image);
    const path = place();
    const stored = [{ offset: 8192, length: 65_536 }];
    await pressImage({ base, format: gzip, settings: gzip.settle({}), stored, output: path, threads: 1 });
    base.close();
    const inside = [{ offset: 9000, bytes: noise(40_000, 4) }];
    await stampInPlace({ path, format: gzip, patch: patchOf(image, inside) });
    const decoded = await runBytes("gzip", ["-dc", path]);
    expect(Buffer.compare(decoded, withOverwrites(image, inside))).toBe(0);
    const now = bytesOf(path);
    const outside = patchOf(image, [{ offset: 0, bytes: noise(5) }]);
    await expect(stampInPlace({ path, format: gzip, patch: outside })).rejects.toMatchObject({
      code: "MAP_PATCH_NOT_STORED",
    });
    expectClean(path, now);
  });

  test("may be reached by a link: the journal is beside the file itself", async () => {
    const path = place();
    const link = join(temporaryDirectory(), "link");
    symlinkSync(path, link);
    let journal: string | undefined;
    const files = filesWith((_, opened) => {
      journal ??= opened.endsWith("-journal") ? opened : undefined;
      return {};
    });
    await stampInPlace({ path: link, format, patch, files });
    expect(dirname(journal ?? "")).toBe(dirname(path));
    expectClean(path, after);
  });

  test("has one name, else it is refused", async () => {
    const path = place();
    linkSync(path, join(temporaryDirectory(), "other"));
    await expect(stampInPlace({ path, format, patch })).rejects.toMatchObject({
      code: "STAMP_IN_PLACE_LINKED",
      fields: { links: 2 },
    });
    expectClean(path, before);
  });

  test("may have a name of any length", async () => {
    const path = join(temporaryDirectory(), "ö".repeat(127));
    writeFileSync(path, before);
    await stampInPlace({ path, format, patch });
    expect(Buffer.compare(bytesOf(path), after)).toBe(0);
    expect(readdirSync(dirname(path))).toHaveLength(1);
  });

  test("is there, and a file", async () => {
    const directory = temporaryDirectory();
    const missing = stampInPlace({ path: join(directory, "none"), format, patch });
    await expect(missing).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
    await expect(stampInPlace({ path: directory, format, patch })).rejects.toMatchObject({
      code: "SOURCE_NOT_A_FILE",
    });
    await expect(recoverInPlace(join(directory, "none"), [format])).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
    });
  });
});

test("two at once do not interleave: one works, the other is told", async () => {
  const path = place();
  const attempts = await Promise.allSettled([
    stampInPlace({ path, format, patch, files: slowFiles }),
    stampInPlace({ path, format, patch }),
    recoverInPlace(path, [format]),
  ]);
  expect(attempts.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(attempts[1]).toMatchObject({
    reason: { code: "STAMP_IN_PLACE_BUSY", fields: { processId: process.pid } },
  });
  expectClean(path, after);
});

const slowFiles = filesWith((file) => ({
  sync: async () => {
    await file.sync();
    await new Promise((resolve) => setTimeout(resolve, 500));
  },
}));

function isJournal(path: string): boolean {
  return path.endsWith("-journal");
}

describe("when something fails on the way, the file is as it was", () => {
  test.each([1, 2, 3])("write %i of the file", async (nth) => {
    const path = place();
    let count = 0;
    const files = filesWith((file, opened) => ({
      write: async (offset, bytes) => {
        // The first that fails is the file's; those that undo it come later.
        if (!isJournal(opened) && ++count === nth) throw ioError("EIO");
        await file.write(offset, bytes);
      },
    }));
    await expect(stampInPlace({ path, format, patch, files })).rejects.toMatchObject({
      code: "FILE_WRITE_FAILED",
    });
    expectClean(path, before);
  });

  test.each(["write", "sync"] as const)("%s of the journal", async (what) => {
    const path = place();
    const files = filesWith((_, opened) => (isJournal(opened) ? { [what]: failFull } : {}));
    await expect(stampInPlace({ path, format, patch, files })).rejects.toMatchObject({
      code: "FILE_DISK_FULL",
    });
    expectClean(path, before);
  });

  test("the sync of the file", async () => {
    const path = place();
    let count = 0;
    const files = filesWith((file, opened) => ({
      sync: async () => {
        if (!isJournal(opened) && count++ === 0) throw ioError("EIO");
        await file.sync();
      },
    }));
    await expect(stampInPlace({ path, format, patch, files })).rejects.toMatchObject({
      code: "FILE_WRITE_FAILED",
    });
    expectClean(path, before);
  });

  test("reading it back", async () => {
    const path = place();
    let count = 0;
    const files = filesWith((file, opened) => ({
      write: async (offset, bytes) => {
        const written = new Uint8Array(bytes);
        if (!isJournal(opened) && count++ === 0) written[5] = 1 ^ (written[5] ?? 0);
        await file.write(offset, written);
      },
    }));
    await expect(stampInPlace({ path, format, patch, files })).rejects.toMatchObject({
      code: "STAMP_VERIFY_FAILED",
    });
    expectClean(path, before);
    const unreadable = { ...format, decode: brokenDecode };
    await expect(stampInPlace({ path, format: unreadable, patch })).rejects.toMatchObject({
      code: "STAMP_VERIFY_FAILED",
    });
    expectClean(path, before);
  });

  test("the caller's mind changes", async () => {
    for (const nth of [1, 2, 3]) {
      const path = place();
      const stop = new AbortController();
      let count = 0;
      const files = filesWith((file, opened) => ({
        write: async (offset, bytes) => {
          await file.write(offset, bytes);
          if (!isJournal(opened) && ++count === nth) stop.abort(new Error("enough"));
        },
      }));
      await expect(stampInPlace({ path, format, patch, files, signal: stop.signal })).rejects.toThrow(
        "enough",
      );
      expectClean(path, before);
    }
  });

  test("undoing too: then the journal stays, and the next run undoes", async () => {
    const path = place();
    let count = 0;
    const files = filesWith((file, opened) => ({
      write: async (offset, bytes) => {
        if (!isJournal(opened) && ++count > 1) throw ioError("EIO");
        await file.write(offset, bytes);
      },
    }));
    await expect(stampInPlace({ path, format, patch, files })).rejects.toMatchObject({
      code: "STAMP_IN_PLACE_NOT_UNDONE",
    });
    expect(Buffer.compare(bytesOf(path), before)).not.toBe(0);
    expect(await recoverInPlace(path, [format])).toBe("undone");
    expectClean(path, before);
  });

  test("the disk is full of the journal", canMount(), async () => {
    await withTmpfs("1m", async (directory) => {
      const path = join(directory, "base.img");
      const image = noise(600_000);
      writeFileSync(path, image);
      const large = patchOf(image, [{ offset: 0, bytes: noise(500_000, 2) }]);
      await expect(stampInPlace({ path, patch: large })).rejects.toMatchObject({ code: "FILE_DISK_FULL" });
      expectClean(path, image);
    });
  });

  test("the disk is full where the file has a hole", canMount(), async () => {
    await withTmpfs("1m", async (directory) => {
      const path = join(directory, "base.img");
      const image = new Uint8Array(600_000);
      writeFileSync(path, "");
      truncateSync(path, image.length);
      const large = patchOf(image, [{ offset: 0, bytes: noise(600_000, 2) }]);
      await expect(stampInPlace({ path, patch: large })).rejects.toMatchObject({ code: "FILE_DISK_FULL" });
      expectClean(path, image);
    });
  });
});

function ioError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code, syscall: "write" });
}

async function failFull(): Promise<never> {
  throw ioError("ENOSPC");
}

async function* brokenDecode(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(8192);
}

test("any patch in place is what it is elsewhere", async () => {
  await fc.assert(
    fc.asyncProperty(overwritesOf(raw.length), async (some) => {
      const path = place();
      await stampInPlace({ path, format, patch: patchOf(raw, some) });
      expectClean(path, encodeIdentity(withOverwrites(raw, some)));
    }),
    { numRuns: 15 },
  );
});

test("recovery of a file without a journal asks for no right to write", async () => {
  const path = place();
  const files: InPlaceFiles = {
    ...localFiles,
    lock: async () => await Promise.reject(new Error("no lock is needed")),
  };
  expect(await recoverInPlace(path, [format], files)).toBe("clean");
  expectClean(path, before);
});
