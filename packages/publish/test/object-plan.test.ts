import type { ByteSource } from "@bootstamp/byte-source";
import { openStore, planArtifact, planBase, spansOfOverwrites, type Store } from "@bootstamp/publish";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { mebibyte } from "./some-bytes.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore({ bucket: "b", region: "us-east-1" });
});

describe("spansOfOverwrites", () => {
  test("says of every byte where it comes from", () => {
    const gaps = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 8 });
    fc.assert(
      fc.property(gaps, fc.nat(20), (pairs, tail) => {
        let offset = 0;
        const overwrites = pairs.map(([gap, length]) => {
          const overwrite = { offset: offset + gap, bytes: new Uint8Array(length) };
          offset += gap + length;
          return overwrite;
        });
        const expected = Array.from({ length: offset + tail }, (_, index) => index);
        for (const { offset: from, bytes } of overwrites) expected.fill(-1, from, from + bytes.length);
        const got = spansOfOverwrites(offset + tail, overwrites).flatMap(({ kind, length, baseOffset = 0 }) =>
          Array.from({ length }, (_, index) => (kind === "shared" ? baseOffset + index : -1)),
        );
        expect(got).toEqual(expected);
      }),
    );
  });

  test("refuses what lies outside", () => {
    expect(() => spansOfOverwrites(3, [{ offset: 2, bytes: new Uint8Array(2) }])).toThrow(RangeError);
  });
});

describe("planBase", () => {
  test("cuts into parts of one length", () => {
    const { way, parts, uploadedBytes } = planBase(store, 100 * mebibyte);
    expect([way, uploadedBytes]).toEqual(["multipart", 100 * mebibyte]);
    expect(new Set(parts.slice(0, -1).map(({ length }) => length))).toEqual(new Set([8 * mebibyte]));
  });

  test("never needs more parts than a server takes, nor reads back at every seam", () => {
    const { parts, seams } = planBase(store, 2 ** 40);
    expect(parts.length).toBeLessThanOrEqual(10_000);
    expect(seams.length).toBeLessThanOrEqual(8);
  });

  test.each([0, 1, 8 * mebibyte])("puts %i bytes at once", (length) => {
    expect(planBase(store, length)).toMatchObject({ way: "put", requests: 3, uploadedBytes: length });
  });
});

describe("planArtifact", () => {
  const source: ByteSource = {
    length: 200 * mebibyte,
    read: async () => new Uint8Array(),
  };
  const artifact = { key: "a", identity: "a", crc64nvme: 0n, source };
  const shared = { kind: "shared", length: source.length, baseOffset: 0 } as const;
  const base = { bucket: "b", key: "base", etag: "e", length: source.length };

  test("copies what is shared, and looks at the base again unless its version is known", () => {
    const spans = [shared];
    const plan = planArtifact(store, { ...artifact, spans, base });
    expect(plan).toMatchObject({
      way: "multipart",
      uploadedBytes: 0,
      copiedBytes: source.length,
      requests: 6,
    });
    const versioned = { ...base, versionId: "1" };
    expect(planArtifact(store, { ...artifact, spans, base: versioned }).requests).toBe(5);
  });

  test("uploads everything without a base", () => {
    expect(planArtifact(store, { ...artifact, spans: [shared] }).copiedBytes).toBe(0);
    expect(planArtifact(store, artifact).uploadedBytes).toBe(source.length);
  });

  test("refuses spans that are not the artifact", () => {
    expect(() => planArtifact(store, { ...artifact, spans: [{ kind: "fresh", length: 5 }] })).toThrow(
      RangeError,
    );
  });
});

test.each([
  [{ bucket: "" }],
  [{ bucket: "b", prefix: "/x" }],
  [{ bucket: "b", endpoint: "ftp://host" }],
  [{ bucket: "b", connections: 0 }],
])("refuses the options %o", async (options) => {
  await expect(openStore(options)).rejects.toMatchObject({ code: "PUBLISH_OPTIONS" });
});
