// Writing over a base, held against the same writes into memory: while it goes on, after a crash, and in the stamp.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { MemorySource, type Patch } from "@bootstamp/byte-source";
import { openCow, type OpenCow } from "@bootstamp/cow-image";
import { decodeStamp, encodeStamp } from "@bootstamp/stamp-file";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";

/** Not a whole number of blocks; zeros, and what is none. */
const length = 300_000 + 77;
const base = noise(length, 1).fill(0, 100_000, 180_000);
const identity = { rawLength: length, rawCrc32: crc32(base) };

function noise(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

function stampPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "cow-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "a.stamp");
}

const scratchOf = (path: string): string => path.replace("a.stamp", ".a.stamp.bootstamp-scratch");

async function opened(path: string, bytes = base): Promise<OpenCow> {
  const stamp = existsSync(path) ? readFileSync(path) : undefined;
  const known = { rawLength: bytes.length, rawCrc32: crc32(bytes) };
  return await openCow({ base: new MemorySource(bytes), identity: known, path, stamp, name: "a" });
}

function stamped(path: string): Uint8Array {
  return withPatch(decodeStamp(readFileSync(path)).patch);
}

function withPatch(patch: Patch): Uint8Array {
  const image = new Uint8Array(base);
  for (const { offset, bytes } of patch) image.set(bytes, offset);
  return image;
}

/** The base tells of its zeros, in runs of its own. */
function* extents(offset: number, count: number) {
  for (const [from, to, zero] of [
    [0, 100_000, false],
    [100_000, 180_000, true],
    [180_000, length, false],
  ] as const) {
    const start = Math.max(from, offset);
    const end = Math.min(to, offset + count);
    if (start < end) yield { length: end - start, hole: zero, zero };
  }
}

const step = fc
  .record({
    kind: fc.constantFrom("write" as const, "zero" as const, "trim" as const, "flush" as const),
    offset: fc.nat(length - 1),
    count: fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: length })),
    seed: fc.nat(),
  })
  .map(({ kind, offset, count, seed }) => ({ kind, offset, count: Math.min(count, length - offset), seed }));

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does a step, on the image and on the model. What was trimmed is whatever is read then: the old, or the base's. */
async function take(
  { image }: OpenCow,
  model: Uint8Array,
  { kind, offset, count, seed }: Step,
): Promise<void> {
  if (kind === "flush") return await image.flush();
  if (kind === "write") {
    const bytes = noise(count, seed);
    model.set(bytes, offset);
    return await image.write(offset, bytes);
  }
  if (kind === "zero") {
    model.fill(0, offset, offset + count);
    return await image.writeZeroes(offset, count, extents);
  }
  await image.trim(offset, count);
  const now = await image.read(offset, count);
  const allowed = now.every((byte, index) => byte === model[offset + index] || byte === base[offset + index]);
  expect(allowed).toBe(true);
  model.set(now, offset);
}

/** Does a step while others read: each byte that they get is the one before it, the one after it, or the base's. */
async function takeWhileRead(cow: OpenCow, model: Uint8Array, each: Step): Promise<void> {
  const before = new Uint8Array(model);
  const taking = take(cow, model, each);
  const reads: Uint8Array[] = [];
  for (let count = 0; count < 6; count++) {
    if (count % 2 === 1) await setImmediate();
    reads.push(await cow.image.read(each.offset, each.count));
  }
  await taking;
  for (const got of reads) {
    const wrong = got.findIndex(
      (byte, index) => ![before, model, base].some((bytes) => bytes[each.offset + index] === byte),
    );
    expect(wrong).toBe(-1);
  }
}

describe("what is written", () => {
  test("is read, told of, recovered, and in the stamp", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(12), async (steps, crashAt) => {
        const path = stampPath();
        const model = new Uint8Array(base);
        let cow = await opened(path);
        for (const [index, each] of steps.entries()) {
          await (index % 2 === 0 ? takeWhileRead(cow, model, each) : take(cow, model, each));
          if (index !== crashAt) continue;
          await cow.image.flush();
          await cow.close();
          cow = await opened(path);
          expect(cow.recovered).toBe(true);
        }
        expect(Buffer.compare(await cow.image.read(0, length), model)).toBe(0);
        let at = 0;
        for await (const run of cow.image.extents(0, length, extents)) {
          const told = model.subarray(at, at + run.length);
          expect(run.zero && told.some((byte) => byte !== 0)).toBe(false);
          at += run.length;
        }
        expect(at).toBe(length);
        await cow.save();
        await cow.close();
        expect(Buffer.compare(stamped(path), model)).toBe(0);
        expect(readdirSync(join(path, ".."))).toEqual(["a.stamp"]);
      }),
      { numRuns: 40 },
    );
  });

  test("goes on from the stamp that is there", async () => {
    const path = stampPath();
    const model = new Uint8Array(base);
    for (const [index, offset] of [5, 250_000, 150_001].entries()) {
      const cow = await opened(path);
      expect(cow.recovered).toBe(false);
      expect(Buffer.compare(await cow.image.read(0, length), model)).toBe(0);
      const bytes = noise(6000, index + 7);
      model.set(bytes, offset);
      await cow.image.write(offset, bytes);
      await cow.save();
      await cow.close();
    }
    expect(Buffer.compare(stamped(path), model)).toBe(0);
  });

  test("with the base's own bytes is no change", async () => {
    const path = stampPath();
    const cow = await opened(path);
    await cow.image.write(0, base);
    expect(await cow.save()).toEqual([]);
    await cow.close();
    expect(decodeStamp(readFileSync(path)).patch).toEqual([]);
  });

  test("while others read is read afterwards, and in the stamp", async () => {
    const path = stampPath();
    const model = new Uint8Array(base);
    const cow = await opened(path);
    for (const [index, offset] of [8192, 40_960, 200_704].entries()) {
      const bytes = noise(8192, index + 3);
      model.set(bytes, offset);
      const writing = cow.image.write(offset, bytes);
      // These take no turn of the event loop, and so are done before the disk has answered.
      for (let count = 0; count < 100; count++) await cow.image.read(0, 1);
      await writing;
      expect(Buffer.compare(await cow.image.read(0, length), model)).toBe(0);
    }
    await cow.save();
    await cow.close();
    expect(Buffer.compare(stamped(path), model)).toBe(0);
  });

  test("from many at once is all there", async () => {
    const path = stampPath();
    const cow = await opened(path);
    const model = new Uint8Array(base);
    const work = Array.from({ length: 50 }, async (_, index) => {
      const bytes = noise(5000, index);
      model.set(bytes, index * 5000);
      await cow.image.write(index * 5000, bytes);
      await cow.image.flush();
    });
    await Promise.all(work);
    expect(Buffer.compare(await cow.image.read(0, length), model)).toBe(0);
    await cow.close();
  });
});

async function cutOff(path: string): Promise<void> {
  const cow = await opened(path);
  await cow.image.write(9000, noise(100, 3));
  await cow.image.flush();
  // Not flushed: it may be there, or not.
  await cow.image.write(200_000, noise(100, 4));
  await cow.close();
}

describe("what a run left that was cut off", () => {
  test("has what was flushed, and not half of a block that was not", async () => {
    const path = stampPath();
    await cutOff(path);
    const cow = await opened(path);
    expect(cow.recovered).toBe(true);
    expect(await cow.image.read(9000, 100)).toEqual(noise(100, 3));
    expect(await cow.image.read(200_000, 4096)).toEqual(base.slice(200_000, 204_096));
    await cow.close();
  });

  test("is refused for another base, and for another stamp than it began from", async () => {
    const path = stampPath();
    await cutOff(path);
    const other = { code: "COW_SCRATCH_OTHER" };
    await expect(opened(path, noise(length, 5))).rejects.toMatchObject(other);
    const patch = [{ offset: 0, bytes: Uint8Array.of(1), replacedCrc32: crc32(base.subarray(0, 1)) }];
    const result = { rawCrc32: crc32(withPatch(patch)) };
    writeFileSync(path, encodeStamp({ name: "b", base: identity, result, artifacts: [], patch }));
    await expect(opened(path)).rejects.toMatchObject(other);
  });

  test("is gone on with where the stamp was written and only the scratch file was not removed", async () => {
    const path = stampPath();
    await cutOff(path);
    const scratch = readFileSync(scratchOf(path));
    const cow = await opened(path);
    await cow.save();
    await cow.close();
    writeFileSync(scratchOf(path), scratch);
    const again = await opened(path);
    expect(await again.image.read(9000, 100)).toEqual(noise(100, 3));
    await again.close();
  });

  test("is refused by name where it is damaged, or none", async () => {
    const path = stampPath();
    await cutOff(path);
    const good = readFileSync(scratchOf(path));
    for (const bytes of [Buffer.from("a diary"), Buffer.alloc(9000, 1), good.subarray(0, 5000)]) {
      writeFileSync(scratchOf(path), bytes);
      await expect(opened(path)).rejects.toMatchObject({ code: "COW_SCRATCH_FOREIGN" });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(8191), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        writeFileSync(scratchOf(path), bytes);
        const outcome = await opened(path).then(
          async (cow) => await cow.close().then(() => "opened"),
          (error: { code: string }) => error.code,
        );
        expect(outcome).toMatch(/^(opened|COW_SCRATCH_(FOREIGN|OTHER))$/);
      }),
      { numRuns: 50 },
    );
  });
});

test("more than a stamp is made of is refused, and all that was written before is in the stamp", async () => {
  const large = new Uint8Array(44 << 20);
  const path = stampPath();
  const cow = await opened(path, large);
  // Same as the base: room that can be had again.
  await cow.image.write(0, large.subarray(0, 16 << 20));
  const bytes = noise(1 << 20, 9);
  let written = 0;
  const full = async (): Promise<void> => {
    for (;;) {
      await cow.image.write(written, bytes);
      written += bytes.length;
    }
  };
  await expect(full()).rejects.toMatchObject({ code: "COW_FULL" });
  expect(written).toBe(32 << 20);
  await cow.image.trim(0, 1 << 20);
  await cow.image.write(43 << 20, bytes);
  const patch = await cow.save();
  await cow.close();
  expect(patch.map(({ offset }) => offset)).toEqual([1 << 20, 43 << 20]);
  expect(decodeStamp(readFileSync(path)).result.rawCrc32).toBeGreaterThan(0);
});

test("two stamps whose names begin alike for 200 bytes have a scratch file each", async () => {
  const folder = dirname(stampPath());
  const paths = ["one", "two"].map((end) => join(folder, `${"x".repeat(220)}${end}`));
  for (const [index, path] of paths.entries()) {
    const cow = await opened(path);
    expect(cow.recovered).toBe(false);
    await cow.image.write(0, Uint8Array.of(index));
    await cow.image.flush();
    await cow.close();
  }
  for (const [index, path] of paths.entries()) {
    const cow = await opened(path);
    expect(await cow.image.read(0, 1)).toEqual(Uint8Array.of(index));
    await cow.close();
  }
});

test("a scratch file that there is no room for leaves nothing, open or in its folder", () => {
  const path = stampPath();
  const script = `
    import { readdirSync, readlinkSync } from "node:fs";
    const { openCow } = await import("${new URL("../src/index.ts", import.meta.url).href}");
    const { MemorySource } = await import("@bootstamp/byte-source");
    const base = new MemorySource(new Uint8Array(100));
    const identity = { rawLength: 100, rawCrc32: 0 };
    await openCow({ base, identity, path: "${path}", stamp: undefined, name: "a" }).catch(({ code }) => console.log(code));
    const linked = (name) => { try { return readlinkSync("/proc/self/fd/" + name); } catch { return ""; } };
    console.log(readdirSync("/proc/self/fd").map(linked).filter((link) => link.startsWith("${dirname(path)}")));`;
  const node = [process.execPath, "--conditions=@bootstamp/source", "--input-type=module", "-e", script];
  const limited = ["-c", 'ulimit -f 8 && exec "$@"', "limited", ...node];
  const options = { encoding: "utf8", cwd: import.meta.dirname } as const;
  expect(execFileSync("bash", limited, options)).toBe("FILE_TOO_LARGE\n[]\n");
  expect(readdirSync(dirname(path))).toEqual([]);
});
