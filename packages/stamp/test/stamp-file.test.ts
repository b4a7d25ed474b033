import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { FileSource } from "@bootstamp/byte-source";
import { crc64nvme } from "@bootstamp/crc";
import type { Seal, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import { stampFile, streamStamped } from "@bootstamp/stamp";
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

const raw = noise(50_000);
const overwrites = [
  { offset: 0, bytes: noise(100, 2) },
  { offset: 8000, bytes: noise(20_000, 3) },
  { offset: raw.length - 1, bytes: Uint8Array.of(~(raw.at(-1) ?? 0)) },
];
const patch = patchOf(raw, overwrites);
const artifact = encodeIdentity(withOverwrites(raw, overwrites));

interface Scene {
  readonly directory: string;
  readonly output: string;
  readonly format: StreamFormat;
  readonly map: SegmentMap;
  readonly stampable: FileSource;
}

async function setUp(format = identityFormat()): Promise<Scene> {
  const directory = temporaryDirectory();
  const stampable = openFile(encodeIdentity(raw), directory);
  const map = await format.readMap(stampable);
  return { directory, output: join(directory, "out"), format, map, stampable };
}

/** What is in the directory beside the stampable file. */
function others({ directory }: Scene): string[] {
  return readdirSync(directory).filter((name) => name !== "file");
}

test("the artifact is what packing the patched image gives, and the stampable file stays", async () => {
  const scene = await setUp();
  const before = encodeIdentity(raw);
  const stamped = await stampFile({ ...scene, patch, stampableCrc64nvme: crc64nvme.of(before) });
  expect(readFileSync(scene.output)).toEqual(Buffer.from(artifact));
  expect(readFileSync(scene.stampable.path)).toEqual(Buffer.from(before));
  expect(others(scene)).toEqual(["out"]);
  expect(stamped).toMatchObject({
    length: artifact.length,
    rawCrc32: Buffer.from(artifact).readUInt32LE(artifact.length - 4),
    packedCrc64nvme: crc64nvme.of(artifact),
  });
  expect(withOverwrites(before, stamped.writes)).toEqual(artifact);
});

test("a stream has the bytes that the file has, for any patch and segment length", async () => {
  await fc.assert(
    fc.asyncProperty(
      overwritesOf(raw.length),
      fc.constantFrom(500, 8192, 2_000_000),
      async (random, length) => {
        const scene = await setUp(identityFormat(length));
        const request = { ...scene, patch: patchOf(raw, random) };
        await stampFile(request);
        const expected = Buffer.from(encodeIdentity(withOverwrites(raw, random)));
        expect(readFileSync(scene.output).equals(expected)).toBe(true);
        expect((await buffer(streamStamped(request))).equals(expected)).toBe(true);
        rmSync(scene.directory, { recursive: true });
        scene.stampable.close();
      },
    ),
    { numRuns: 30 },
  );
});

test("a patch that is longer than what is read back at once, in one long segment", async () => {
  const long = noise(3_500_000);
  const change = [{ offset: 1234, bytes: noise(2_700_000, 9) }];
  const stampable = openFile(encodeIdentity(long));
  const format = identityFormat(1 << 30);
  const map = await format.readMap(stampable);
  const request = { format, map, stampable, patch: patchOf(long, change), output: `${stampable.path}.out` };
  await stampFile(request);
  const expected = Buffer.from(encodeIdentity(withOverwrites(long, change)));
  expect(readFileSync(request.output).equals(expected)).toBe(true);
  expect((await buffer(streamStamped(request))).equals(expected)).toBe(true);
});

test("an empty patch gives a clone, and an output that is there is replaced", async () => {
  const scene = await setUp();
  writeFileSync(scene.output, "old");
  await stampFile({ ...scene, patch: [] });
  expect(readFileSync(scene.output)).toEqual(Buffer.from(encodeIdentity(raw)));
});

test("the artifact has the user's mode, whatever the stampable file's", async () => {
  const scene = await setUp();
  const plain = join(scene.directory, "plain");
  writeFileSync(plain, "");
  scene.stampable.close();
  chmodSync(scene.stampable.path, 0o400);
  const stampable = FileSource.open(scene.stampable.path);
  await stampFile({ ...scene, stampable, patch });
  expect(statSync(scene.output).mode).toBe(statSync(plain).mode);
});

describe("what is refused leaves nothing behind", () => {
  test("a patch for another base", async () => {
    const scene = await setUp();
    const other = patchOf(noise(50_000, 4), overwrites);
    await expect(stampFile({ ...scene, patch: other })).rejects.toMatchObject({
      code: "MAP_PATCH_OTHER_BASE",
    });
    await expect(buffer(streamStamped({ ...scene, patch: other }))).rejects.toMatchObject({
      code: "MAP_PATCH_OTHER_BASE",
    });
    expect(others(scene)).toEqual([]);
  });

  test("an output that is the stampable file, by whatever name", async () => {
    const scene = await setUp();
    linkSync(scene.stampable.path, join(scene.directory, "hard"));
    const stampable = FileSource.open(scene.stampable.path);
    for (const name of ["file", "./x/../file", "hard"]) {
      if (name.includes("x")) mkdirSync(join(scene.directory, "x"));
      const output = `${scene.directory}/${name}`;
      await expect(stampFile({ ...scene, stampable, patch, output })).rejects.toMatchObject({
        code: "STAMP_OUTPUT_IS_INPUT",
        fields: { path: output },
      });
    }
    expect(readFileSync(stampable.path)).toEqual(Buffer.from(encodeIdentity(raw)));
    expect(others(scene).toSorted()).toEqual(["hard", "x"]);
  });

  test("a stampable file that was written to, replaced or removed since it was opened", async () => {
    for (const change of [
      (path: string) => writeFileSync(path, encodeIdentity(raw)),
      (path: string) => {
        rmSync(path);
        writeFileSync(path, encodeIdentity(raw));
      },
      (path: string) => rmSync(path),
    ]) {
      const scene = await setUp();
      change(scene.stampable.path);
      const code = existsSync(scene.stampable.path) ? "SOURCE_CHANGED" : "SOURCE_UNREADABLE";
      await expect(stampFile({ ...scene, patch })).rejects.toMatchObject({ code });
      expect(others(scene)).toEqual([]);
    }
  });

  test("a stampable file that is written to while it streams: the last chunk never comes", async () => {
    const scene = await setUp();
    const chunks = streamStamped({ ...scene, patch });
    writeFileSync(scene.stampable.path, encodeIdentity(raw));
    await expect(chunks.next()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("an output where nothing can be written", async () => {
    const scene = await setUp();
    for (const output of [join(scene.directory, "missing", "out"), join(scene.stampable.path, "out")]) {
      await expect(stampFile({ ...scene, patch, output })).rejects.toMatchObject({
        code: "FILE_NOT_WRITABLE",
        fields: { path: output },
      });
    }
    await expect(stampFile({ ...scene, patch, output: dirname(scene.directory) })).rejects.toMatchObject({
      code: "FILE_NOT_WRITABLE",
    });
    expect(others(scene)).toEqual([]);
  });

  test("a signal", async () => {
    const scene = await setUp();
    const reason = new Error("enough");
    const stop = new AbortController();
    const format = {
      ...scene.format,
      seal: async (...args: Parameters<StreamFormat["seal"]>) => {
        stop.abort(reason);
        return await scene.format.seal(...args);
      },
    };
    await expect(stampFile({ ...scene, format, patch, signal: stop.signal })).rejects.toBe(reason);
    await expect(buffer(streamStamped({ ...scene, patch, signal: stop.signal }))).rejects.toBe(reason);
    expect(others(scene)).toEqual([]);
  });
});

describe("what does not read back is not published", () => {
  const right = identityFormat();
  /** What the first seal says is damaged on its way to the file; the format itself is right. */
  const damaging = (format: StreamFormat, flaw: Flaw): StreamFormat => {
    let seals = 0;
    const seal: StreamFormat["seal"] = async (map, runs, packed) => {
      const sealed = await right.seal(map, runs, packed);
      if (seals++ > 0) return sealed;
      const writes = sealed.writes.map(({ offset, bytes }) => ({ offset, bytes: new Uint8Array(bytes) }));
      const copy = { ...sealed, writes };
      flaw(copy);
      return copy;
    };
    return { ...format, seal };
  };

  test.each([
    ["a wrong byte in a segment that is decoded", flip(1, 500), 8192],
    ["a wrong last byte of the image", flip(2, 0), 8192],
    ["a wrong byte in a segment too long to decode", flip(1, 500), 2_000_000],
    ["a wrong checksum", flip(-1, 3), 8192],
  ])("%s", async (_, flaw, length) => {
    const scene = await setUp(identityFormat(length));
    const wrong = (): StreamFormat => damaging(identityFormat(length), flaw);
    const failure = { code: "STAMP_VERIFY_FAILED" };
    await expect(stampFile({ ...scene, format: wrong(), patch })).rejects.toMatchObject(failure);
    const streamed = buffer(streamStamped({ ...scene, format: wrong(), patch }));
    await expect(streamed).rejects.toMatchObject(failure);
    expect(others(scene)).toEqual([]);
  });

  test.each([
    ["a byte of what is decoded", identityFormat(8192)],
    ["a byte of a segment too long to decode", identityFormat(2_000_000)],
  ])("%s that comes out other than it went in", async (_, format) => {
    const scene = await setUp(format);
    const wrong: StreamFormat = {
      ...format,
      decode: async function* (...args) {
        for await (const bytes of format.decode(...args)) yield flipped(bytes);
      },
      readStored: async (...args) => flipped(await format.readStored(...args)),
    };
    await expect(stampFile({ ...scene, format: wrong, patch })).rejects.toMatchObject({
      code: "STAMP_VERIFY_FAILED",
      fields: { offset: 0 },
    });
  });

  test("a checksum that the format takes for right, and is not that of the bytes", async () => {
    const scene = await setUp();
    const wrong: StreamFormat = {
      ...right,
      seal: async (map, runs, packed) => {
        const truth = { ...map, rawCrc32: (await right.readMap(packed)).rawCrc32 };
        const { writes } = await right.seal(truth, runs, packed);
        writes.at(-1)?.bytes.fill(7);
        return { writes, rawCrc32: 0x07070707 };
      },
    };
    await expect(stampFile({ ...scene, format: wrong, patch })).rejects.toMatchObject({
      code: "STAMP_VERIFY_FAILED",
    });
  });

  test("a check of the format's own that would come out different", async () => {
    const scene = await setUp();
    let seals = 0;
    const seal: StreamFormat["seal"] = async (...args) => {
      const sealed = await right.seal(...args);
      const check = { offset: 0, bytes: Uint8Array.of(0) };
      return seals++ === 0 ? sealed : { ...sealed, writes: [check, ...sealed.writes] };
    };
    await expect(stampFile({ ...scene, format: { ...right, seal }, patch })).rejects.toMatchObject({
      code: "STAMP_VERIFY_FAILED",
    });
    expect(others(scene)).toEqual([]);
  });

  test("a segment that decodes to less than the map says", async () => {
    const scene = await setUp({ ...right, decode: async function* () {} });
    await expect(stampFile({ ...scene, patch })).rejects.toMatchObject({ code: "STAMP_VERIFY_FAILED" });
  });

  test("a write beyond the end of the file", async () => {
    const scene = await setUp();
    const seal: StreamFormat["seal"] = async () => ({
      writes: [{ offset: scene.stampable.length, bytes: noise(1) }],
      rawCrc32: 0,
    });
    await expect(stampFile({ ...scene, format: { ...right, seal }, patch })).rejects.toThrow(RangeError);
    expect(others(scene)).toEqual([]);
  });

  test("unless the caller says that it need not be read back", async () => {
    const scene = await setUp();
    await stampFile({ ...scene, format: damaging(right, flip(1, 500)), patch, verify: false });
    expect(createHash("sha256").update(readFileSync(scene.output)).digest()).not.toEqual(
      createHash("sha256").update(artifact).digest(),
    );
  });
});

type Flaw = (seal: Seal) => void;

/** Turns over byte `at` of the seal's write `index`. */
function flip(index: number, at: number): Flaw {
  return ({ writes }) => {
    const { bytes } = writes.at(index) ?? { bytes: new Uint8Array() };
    bytes[at] = ~(bytes[at] ?? 0);
  };
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ 1);
}
