import { appendFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { crc32 } from "@bootstamp/crc";
import { randomBytes, textBytes, unpackInMemory } from "@bootstamp/format-contract";
import { type SegmentMap, storedExtents } from "@bootstamp/segment-map";
import { spliceFile, type Spliced, type SpliceProgress, streamSpliced } from "@bootstamp/splice";
import { stampFile, verifyArtifact } from "@bootstamp/stamp";
import { assertDecodesTo, canMount, requires, run, withTmpfs } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  bytesOf,
  type Change,
  formats,
  image,
  makeFolder,
  opened,
  patched,
  patchOf,
  type Scene,
  sceneOf,
  sceneWith,
  type Subject,
} from "./scene.ts";

/** In a stored extent, in two compressed segments, across a border, and at the image's end. */
const changes: readonly Change[] = [
  { offset: 5000, bytes: textBytes(100, 3) },
  { offset: 100_000, bytes: textBytes(5000, 4) },
  { offset: 1_400_832 - 3000, bytes: randomBytes(9000, 5) },
  { offset: image.length - 10, bytes: textBytes(10, 6) },
];
const variant = patched(image, changes);
const patch = patchOf(image, changes);
const identity = { rawLength: image.length, rawCrc32: crc32.of(image) };

const testers: Readonly<Record<string, readonly (readonly string[])[]>> = {
  gz: [
    ["gzip", "-t"],
    ["pigz", "-t"],
    ["7z", "t"],
    ["busybox", "gzip", "-t"],
  ],
  xz: [
    ["xz", "-t"],
    ["xz", "-T2", "-t"],
    ["xz", "-lvv"],
    ["7z", "t"],
  ],
  zst: [["zstd", "-t"]],
};

interface Made extends Scene {
  readonly packed: Uint8Array;
  readonly spliced: Spliced;
  readonly progress: readonly number[];
}

/** The one splice that most tests look at. */
async function spliceOnce(subject: Subject): Promise<Made> {
  const scene = await sceneOf(subject);
  const progress: number[] = [];
  const onProgress = ({ rawDone, rawLength }: SpliceProgress): void =>
    void progress.push(rawDone / rawLength);
  const spliced = await spliceFile({ ...scene, patch, onProgress });
  return { ...scene, packed: bytesOf(scene.output), spliced, progress };
}

for (const subject of formats) {
  const { format } = subject;
  describe(`a spliced ${format.extension}`, () => {
    let made: Made;
    beforeAll(async () => {
      made = await spliceOnce(subject);
      writeFileSync(join(made.folder, "raw"), variant);
    });

    test("decodes to the patched image, in a stream as in a file", async () => {
      const { map, packed, spliced, stampable, output } = made;
      const unpacked = await unpackInMemory(format, packed);
      expect(Buffer.compare(unpacked.raw, variant)).toBe(0);
      expect(unpacked.map.base).toEqual(map.base);
      expect(unpacked.map.engine).toBe(map.engine);
      expect(storedExtents(unpacked.map)).toEqual(storedExtents(map));
      expect(spliced).toMatchObject({
        length: packed.length,
        lengthBefore: stampable.length,
        rawCrc32: map.rawCrc32 === undefined ? undefined : crc32.of(variant),
      });
      expect(spliced.segments).toBeGreaterThan(2);
      expect(made.progress.at(-1)).toBe(1);
      const stream = await buffer(streamSpliced({ ...made, patch, threads: 1 }));
      expect(Buffer.compare(stream, packed)).toBe(0);
      const { stampable: artifact } = await opened(format, output);
      await verifyArtifact({ format, artifact, stamp: { base: identity, patch } });
    });

    for (const decoder of subject.decoders) {
      test(`is read by ${decoder.name}`, requires(...decoder.tools), async () => {
        await expect(
          assertDecodesTo(decoder, made.output, join(made.folder, "raw")),
        ).resolves.toBeUndefined();
      });
    }

    for (const [tool = "", ...args] of testers[format.name] ?? []) {
      test(`passes ${tool} ${args.join(" ")}`, requires(tool), async () => {
        const said = await run(tool, [...args, made.output]);
        expect(said).not.toMatch(/warning|error|corrupt|trailing/i);
      });
    }

    test("can be spliced again, and brought back, and stamped", async () => {
      const { folder, output } = made;
      const second = await opened(format, output);
      const back = changes.map(({ offset, bytes }) => ({
        offset,
        bytes: image.slice(offset, offset + bytes.length),
      }));
      const undone = join(folder, "undone");
      await spliceFile({ format, ...second, patch: patchOf(variant, back), output: undone });
      expect(Buffer.compare((await unpackInMemory(format, bytesOf(undone))).raw, image)).toBe(0);
      const more = [{ offset: 4096, bytes: textBytes(8192, 9) }];
      const stamped = join(folder, "stamped");
      await stampFile({ format, ...second, patch: patchOf(variant, more), output: stamped });
      const unpacked = await unpackInMemory(format, bytesOf(stamped));
      expect(Buffer.compare(unpacked.raw, patched(variant, more))).toBe(0);
    });

    test("is not made of a patch for another base, whichever run shows it", async () => {
      const { folder } = made;
      const output = join(folder, "refused");
      for (const index of [1, 2]) {
        const other = patch.map((one, at) =>
          at === index ? { ...one, replacedCrc32: (one.replacedCrc32 ^ 1) >>> 0 } : one,
        );
        await expect(spliceFile({ ...made, patch: other, output })).rejects.toMatchObject({
          code: "MAP_PATCH_OTHER_BASE",
          fields: { offset: patch[index]?.offset },
        });
      }
      const beyond = [{ offset: image.length - 1, bytes: new Uint8Array(2), replacedCrc32: 0 }];
      await expect(spliceFile({ ...made, patch: beyond, output })).rejects.toMatchObject({
        code: "MAP_PATCH_NOT_STORED",
      });
      expect(readdirSync(folder).filter((name) => name.includes("refused"))).toEqual([]);
    });
  });
}

describe.each(formats)("a $format.extension that is not made", (subject) => {
  const { format } = subject;

  test("because a segment that it needs is damaged", async () => {
    const { folder, output, map, stampable } = await sceneOf(subject);
    const segment = map.segments.find(({ kind, rawOffset }) => kind === "compressed" && rawOffset > 0);
    const { packedOffset = 0, packedLength = 0, rawOffset = 0 } = segment ?? {};
    const bytes = bytesOf(stampable.path);
    const at = packedOffset + (packedLength >> 1);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(join(folder, "damaged"), bytes);
    const damaged = await opened(format, join(folder, "damaged"));
    const touching = patchOf(image, [{ offset: rawOffset + 7, bytes: textBytes(10) }]);
    await expect(spliceFile({ format, ...damaged, patch: touching, output })).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
    });
    expect(existsSync(output)).toBe(false);
  });

  test("because it would take the stampable file's place, or that changes meanwhile", async () => {
    const scene = await sceneOf(subject);
    const { folder, stampable } = scene;
    const onto = spliceFile({ ...scene, patch, output: stampable.path });
    await expect(onto).rejects.toMatchObject({ code: "STAMP_OUTPUT_IS_INPUT" });
    const onProgress = (): void => appendFileSync(stampable.path, "x");
    const changing = spliceFile({ ...scene, patch: patch.slice(1, 2), onProgress });
    await expect(changing).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    expect(readdirSync(folder)).toEqual([`base${format.extension}`]);
  });
});

test.each([2 ** 51, 2 ** 53 - 1])(
  "an .xz whose only block says that it has %d bytes is refused for what it has, at no cost",
  requires("xz"),
  async (rawLength) => {
    const raw = textBytes(300_000);
    const path = join(makeFolder(), "raw");
    writeFileSync(path, raw);
    // In one thread, xz leaves the lengths out of the block's header: the index alone has them.
    await run("xz", ["-0", "-T1", path]);
    const scene = await sceneWith(xz, withClaim(bytesOf(`${path}.xz`), rawLength));
    expect(scene.map).toMatchObject({ rawLength, segments: [{ rawLength }] });
    const touching = patchOf(raw, [{ offset: 1000, bytes: textBytes(10, 3) }]);
    await expect(spliceFile({ ...scene, patch: touching })).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
    });
  },
);

/** An .xz of one block, with another raw length in its index. xz file format §2.1.2, §4. */
function withClaim(packed: Uint8Array, rawLength: number): Uint8Array {
  const footer = Buffer.from(packed.subarray(-12));
  const indexAt = packed.length - 12 - (footer.readUInt32LE(4) + 1) * 4;
  const unpadded = packed.subarray(indexAt + 2, packed.length).findIndex((byte) => byte < 0x80) + 1;
  const fields = [...packed.subarray(indexAt, indexAt + 2 + unpadded)];
  for (let rest = rawLength; ; rest = Math.floor(rest / 128)) {
    fields.push(rest < 128 ? rest : (rest % 128) | 0x80);
    if (rest < 128) break;
  }
  while (fields.length % 4 !== 0) fields.push(0);
  const index = withCrc(Uint8Array.from(fields));
  footer.writeUInt32LE(index.length / 4 - 1, 4);
  footer.writeUInt32LE(crc32.of(footer.subarray(4, 10)), 0);
  return new Uint8Array(Buffer.concat([packed.subarray(0, indexAt), index, footer]));
}

function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32.of(bytes));
  return Buffer.concat([bytes, crc]);
}

/** Those that have padding; packed as a splice packs, which is not told the level of an .xz. */
const paddable: readonly Subject[] = formats
  .filter(({ format }) => format.name !== "zst")
  .map(({ format, choice: { level: _level, ...choice }, decoders }) => ({ format, choice, decoders }));

describe.each(paddable)("a $format.extension in which a segment comes out a little shorter", (subject) => {
  const { format } = subject;
  const checks = (testers[format.name] ?? []).slice(0, 1);

  test(
    "keeps its length, and all that does not change its place",
    requires(...checks.flatMap(([tool = ""]) => tool)),
    async () => {
      const scene = await sceneOf(subject);
      const { output, map, stampable } = scene;
      // What is there once more is cheaper than what was there: in text, in a segment that others follow.
      const [offset, length] = [1_000_000, 300];
      const shorter = [{ offset, bytes: image.slice(offset - length, offset) }];
      const { packedOffset = 0, packedLength = 0 } =
        map.segments.findLast(({ rawOffset }) => rawOffset <= offset) ?? {};
      const end = packedOffset + packedLength;
      const before = bytesOf(stampable.path);
      const spliced = await spliceFile({ ...scene, patch: patchOf(image, shorter) });
      expect(spliced).toMatchObject({ segments: 1, length: before.length, lengthBefore: before.length });
      const after = bytesOf(output);
      expect(Buffer.compare(after.subarray(packedOffset, end), before.subarray(packedOffset, end))).not.toBe(
        0,
      );
      const { raw, map: mapAfter } = await unpackInMemory(format, after);
      expect(Buffer.compare(raw, patched(image, shorter))).toBe(0);
      expect(placesOf(mapAfter)).toEqual(placesOf(map));
      const next = map.segments.findIndex((segment) => segment.packedOffset >= end);
      expect(next).toBeGreaterThan(0);
      const { packedOffset: lastOffset = 0, packedLength: lastLength = 0 } = map.segments.at(-1) ?? {};
      const bodyEnd = lastOffset + lastLength;
      expect(Buffer.compare(after.subarray(end, bodyEnd), before.subarray(end, bodyEnd))).toBe(0);
      for (const [tool = "", ...args] of checks) await run(tool, [...args, output]);
    },
  );
});

test("an .xz of which one segment can be padded and a later one cannot is as if none could", async () => {
  const subject = paddable.find(({ format }) => format.name === "xz");
  if (subject === undefined) throw new Error("no .xz");
  const scene = await sceneOf(subject);
  // Some bytes shorter, as above, and some thousand: what was random there is zeros.
  const few = { offset: 1_000_000, bytes: image.slice(1_000_000 - 300, 1_000_000) };
  const many = { offset: 2_200_000, bytes: new Uint8Array(3000) };
  const kept = await spliceFile({ ...scene, patch: patchOf(image, [few]) });
  expect(kept.length).toBe(kept.lengthBefore);
  const spliced = await spliceFile({ ...scene, patch: patchOf(image, [few, many]) });
  expect(spliced.segments).toBe(2);
  expect(spliced.lengthBefore - spliced.length).toBeGreaterThan(2000);
  const { raw } = await unpackInMemory(xz, bytesOf(scene.output));
  expect(Buffer.compare(raw, patched(image, [few, many]))).toBe(0);
});

function placesOf({ segments }: SegmentMap): object[] {
  return segments.map(({ kind, rawOffset, packedOffset, packedLength }) => ({
    kind,
    rawOffset,
    packedOffset,
    packedLength,
  }));
}

describe("without room for what is packed anew", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test("nothing is made, and it is said where there is none", canMount(), async () => {
    const scene = await sceneOf(formats[2]);
    await withTmpfs("64k", async (directory) => {
      vi.stubEnv("TMPDIR", directory);
      await expect(spliceFile({ ...scene, patch })).rejects.toMatchObject({
        code: "FILE_DISK_FULL",
        fields: { path: expect.stringContaining(directory), errno: "ENOSPC" },
      });
    });
    expect(readdirSync(scene.folder)).toEqual(["base.zst"]);
  });

  test("as there is no folder for it", async () => {
    const scene = await sceneOf(formats[2]);
    const missing = join(scene.folder, "missing");
    vi.stubEnv("TMPDIR", missing);
    await expect(spliceFile({ ...scene, patch })).rejects.toMatchObject({
      code: "FILE_NOT_WRITABLE",
      fields: { path: expect.stringContaining(missing) },
    });
  });
});

test("a stop leaves nothing behind", async () => {
  const [subject] = formats;
  if (subject === undefined) throw new Error("no format");
  const scene = await sceneOf(subject);
  const stop = new AbortController();
  const stopped = spliceFile({ ...scene, patch, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toThrow("abort");
  expect(readdirSync(scene.folder)).toEqual(["base.gz"]);
});

test("of whatever a patch touches, in one thread or in several, the file comes out the same", async () => {
  const [subject] = formats;
  if (subject === undefined) throw new Error("no format");
  const scene = await sceneOf(subject);
  const place = fc.tuple(
    fc.noBias(fc.nat(image.length - 1)),
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(place, { minLength: 2, maxLength: 4 }), async (places) => {
      const runs = apart(places);
      const files: Uint8Array[] = [];
      for (const threads of [1, 3]) {
        await spliceFile({ ...scene, patch: patchOf(image, runs), threads });
        files.push(bytesOf(scene.output));
      }
      const [one = image, other = image] = files;
      expect(Buffer.compare(one, other)).toBe(0);
      expect(Buffer.compare((await unpackInMemory(scene.format, one)).raw, patched(image, runs))).toBe(0);
    }),
    { numRuns: 3 },
  );
});

/** In order, without those that overlap or touch the one before; none reaches beyond the image. */
function apart(places: readonly (readonly [number, Uint8Array])[]): Change[] {
  const kept: Change[] = [];
  for (const [offset, bytes] of places.toSorted(([a], [b]) => a - b)) {
    const last = kept.at(-1);
    if (last !== undefined && offset <= last.offset + last.bytes.length) continue;
    kept.push({ offset, bytes: bytes.slice(0, image.length - offset) });
  }
  return kept;
}
