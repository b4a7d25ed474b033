import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySource, type ByteSource } from "@bootstamp/byte-source";
import {
  findBase,
  listUploads,
  objectSource,
  parseObjectUrl,
  pinObject,
  planArtifact,
  planBase,
  planPrune,
  planRelease,
  prune,
  publishArtifact,
  publishRelease,
  uploadBase,
  uploadRecordsIn,
  latestRelease,
  type PublishedObject,
  type Store,
} from "@bootstamp/publish";
import { gatewayTools } from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, contentsOf, startTestGateway, type TestGateway } from "./gateway.ts";
import { checksumsOf, mebibyte, someBytes, variantOf } from "./some-bytes.ts";

const bytes = someBytes(22 * mebibyte + 77);
const file = new MemorySource(bytes);
const sums = await checksumsOf(file);
const about = { identity: "base", ...sums, partLength: 8 * mebibyte };

async function upload(store: Store): Promise<PublishedObject> {
  return await uploadBase(store, "base.gz", file, about);
}

describe("against a gateway", requires(...gatewayTools), () => {
  let server: TestGateway;
  beforeAll(async () => {
    server = await startTestGateway();
  });
  afterAll(async () => await server.stop());

  test("a base comes up in parts, once", async () => {
    const store = await server.newStore({ prefix: "p" });
    const states: string[] = [];
    const first = await uploadBase(store, "base.gz", file, {
      ...about,
      settings: { contentType: "application/gzip" },
      onProgress: ({ state, uploadedBytes }) => states.push(`${state} ${uploadedBytes}`),
    });
    expect(first).toMatchObject({ isNew: true, uploadedBytes: bytes.length, length: bytes.length });
    expect(store.counters.requests).toBe(planBase(store, bytes.length, about).requests);
    expect(store.counters.sentBytes).toBe(bytes.length);
    expect([states[0], states.at(-1)]).toEqual(["sending 0", `done ${bytes.length}`]);
    expect(Buffer.compare(await bytesOf(store, "p/base.gz"), bytes)).toBe(0);
    const second = await uploadBase(store, "base.gz", file, about);
    expect(second).toMatchObject({ isNew: false, uploadedBytes: 0, etag: first.etag });
    await expect(uploadBase(store, "base.gz", file, { ...about, identity: "x" })).rejects.toMatchObject({
      code: "PUBLISH_EXISTS",
    });
    expect((await contentsOf(store)).uploads).toEqual([]);
  });

  test("an upload that was interrupted is gone on with", async () => {
    const store = await server.newStore({ connections: 1 });
    const folder = mkdtempSync(join(tmpdir(), "bootstamp-publish-"));
    try {
      const records = uploadRecordsIn(join(folder, "uploads.json"));
      const stopping = new AbortController();
      const onProgress = ({ uploadedBytes }: { uploadedBytes: number }): void => {
        if (uploadedBytes > 8 * mebibyte) stopping.abort(new Error("stopped"));
      };
      const options = { ...about, records, keepParts: true };
      const first = uploadBase(store, "base.gz", file, { ...options, signal: stopping.signal, onProgress });
      await expect(first).rejects.toThrow("stopped");
      expect(await contentsOf(store)).toEqual({ keys: [], uploads: ["base.gz"] });
      const second = await uploadBase(store, "base.gz", file, options);
      expect(second.keptBytes).toBeGreaterThan(8 * mebibyte);
      expect(second.keptBytes + second.uploadedBytes).toBe(bytes.length);
      expect(Buffer.compare(await bytesOf(store, "base.gz"), bytes)).toBe(0);
      expect(await records.get(`s3://${store.settings.bucket}/base.gz`)).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("parts that belong to another file are sent again", async () => {
    const store = await server.newStore({ connections: 1 });
    const known = new Map();
    const records = {
      get: async (name: string) => known.get(name),
      set: async (name: string, record: unknown) => void known.set(name, record),
    };
    const other = new MemorySource(someBytes(bytes.length, 99));
    const stopping = new AbortController();
    const stopped = uploadBase(store, "base.gz", other, {
      ...about,
      ...(await checksumsOf(other)),
      records,
      keepParts: true,
      signal: stopping.signal,
      onProgress: ({ uploadedBytes }) => uploadedBytes > 0 && stopping.abort(new Error("stopped")),
    });
    await expect(stopped).rejects.toThrow("stopped");
    const done = await uploadBase(store, "base.gz", file, { ...about, records });
    expect(done).toMatchObject({ keptBytes: 0, uploadedBytes: bytes.length });
    expect(Buffer.compare(await bytesOf(store, "base.gz"), bytes)).toBe(0);
  });

  test("a file that changes while it is uploaded is noticed, and no object appears", async () => {
    const store = await server.newStore();
    const changing: ByteSource = {
      length: file.length,
      read: async (offset, length) => {
        const read = await file.read(offset, length);
        if (offset > 0) read[0] = (read[0] ?? 0) ^ 1;
        return read;
      },
    };
    await expect(uploadBase(store, "base.gz", changing, about)).rejects.toMatchObject({
      code: "PUBLISH_SOURCE_CHANGED",
    });
    expect(await contentsOf(store)).toEqual({ keys: [], uploads: [] });
  });

  test.each([{ equalParts: false }, { equalParts: true }])("a variant is composed: %o", async (options) => {
    const store = await server.newStore(options);
    const base = await upload(store);
    const variant = await variantOf(bytes, base, "v.gz", { offset: 13 * mebibyte });
    const plan = planArtifact(store, variant);
    expect(plan.copiedBytes).toBeGreaterThan(0);
    const before = { ...store.counters };
    const settings = { contentType: "application/gzip", cacheControl: "max-age=60", tags: { a: "b c" } };
    const tagged = planArtifact(store, { ...variant, settings });
    const done = await publishArtifact(store, { ...variant, settings });
    expect(done).toMatchObject({ uploadedBytes: plan.uploadedBytes, copiedBytes: plan.copiedBytes });
    expect(store.counters.requests - before.requests).toBe(tagged.requests);
    expect(Buffer.compare(await bytesOf(store, "v.gz"), variant.bytes)).toBe(0);
    const { client, sdk } = store;
    const place = { Bucket: store.settings.bucket, Key: "v.gz" };
    const head = await client.send(new sdk.HeadObjectCommand(place));
    expect(head).toMatchObject({
      ContentType: "application/gzip",
      CacheControl: "max-age=60",
      Metadata: { "bootstamp-identity": variant.identity },
    });
    const { TagSet } = await client.send(new sdk.GetObjectTaggingCommand(place));
    expect(TagSet).toEqual([{ Key: "a", Value: "b c" }]);
    expect(await publishArtifact(store, variant)).toMatchObject({ isNew: false, uploadedBytes: 0 });
    expect((await contentsOf(store)).uploads).toEqual([]);
  });

  test("an object of other bytes stays, unless it may be overwritten", async () => {
    const store = await server.newStore();
    const base = await upload(store);
    const first = await variantOf(bytes, base, "v.gz", { seed: 3 });
    const second = await variantOf(bytes, base, "v.gz", { seed: 4 });
    await publishArtifact(store, first);
    await expect(publishArtifact(store, second)).rejects.toMatchObject({ code: "PUBLISH_EXISTS" });
    expect(Buffer.compare(await bytesOf(store, "v.gz"), first.bytes)).toBe(0);
    await publishArtifact(store, { ...second, overwrite: true });
    expect(Buffer.compare(await bytesOf(store, "v.gz"), second.bytes)).toBe(0);
  });

  test("in a bucket with versions, an old version of the base is copied", async () => {
    const store = await server.newStore();
    const { client, sdk } = store;
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(
      new sdk.PutBucketVersioningCommand({ Bucket: store.settings.bucket, VersioningConfiguration }),
    );
    const base = await upload(store);
    expect(base.versionId).toEqual(expect.any(String));
    const other = new MemorySource(someBytes(bytes.length, 5));
    await uploadBase(store, "base.gz", other, {
      ...(await checksumsOf(other)),
      identity: "other",
      overwrite: true,
    });
    const variant = await variantOf(bytes, base, "v.gz");
    expect(planArtifact(store, variant).copiedBytes).toBeGreaterThan(0);
    await publishArtifact(store, variant);
    expect(Buffer.compare(await bytesOf(store, "v.gz"), variant.bytes)).toBe(0);
    const source = objectSource(store, base);
    expect(Buffer.compare(await source.read(5, 100_000), bytes.subarray(5, 100_005))).toBe(0);
  });

  test("of a base that others put there no checksum is known, and none is made up", async () => {
    const store = await server.newStore();
    const { client, sdk, settings } = store;
    await client.send(new sdk.PutObjectCommand({ Bucket: settings.bucket, Key: "base.gz", Body: bytes }));
    const found = await findBase(store, parseObjectUrl(`s3://${settings.bucket}/base.gz`));
    expect(found).toMatchObject({ identity: undefined, crc64nvme: undefined, crc32: undefined });
    const known = await variantOf(bytes, found.pinned, "v.gz");
    const variant = { ...known, crc64nvme: undefined, crc32: undefined };
    expect(await publishArtifact(store, variant)).toMatchObject({ isNew: true });
    expect(Buffer.compare(await bytesOf(store, "v.gz"), known.bytes)).toBe(0);
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: settings.bucket, Key: "v.gz" }));
    expect(head.Metadata).toEqual({ "bootstamp-identity": variant.identity });
    expect(await publishArtifact(store, variant)).toMatchObject({ isNew: false });
    expect(await publishArtifact(store, known)).toMatchObject({ isNew: false });
    const ours = await upload(await server.newStore());
    const again = await findBase(store, ours);
    expect(again).toMatchObject({ identity: "base", crc64nvme: sums.crc64nvme });
    await expect(findBase(store, { ...ours, key: "none" })).rejects.toMatchObject({
      code: "PUBLISH_NOT_FOUND",
    });
    for (const wrong of ["base.gz", "s3://bucket", "s3://bucket/", "http://bucket/key"])
      expect(() => parseObjectUrl(wrong)).toThrow("expected s3://BUCKET/KEY");
  });

  test("a base is read by ranges, each block once, until it is replaced", async () => {
    const store = await server.newStore();
    await upload(store);
    const base = await pinObject(store, "base.gz");
    const before = store.counters.requests;
    const source = objectSource(store, base, { blockLength: 64 << 10, requestLength: 1 << 20 });
    const [a, b] = await Promise.all([source.read(100, 500_000), source.read(200_000, 400_000)]);
    expect(Buffer.compare(a, bytes.subarray(100, 500_100))).toBe(0);
    expect(Buffer.compare(b, bytes.subarray(200_000, 600_000))).toBe(0);
    expect(store.counters.requests - before).toBe(2);
    expect(Buffer.compare(await source.read(0, source.length), bytes)).toBe(0);
    expect(store.counters.requests - before).toBeLessThan(2 + 24);
    await expect(source.read(bytes.length - 1, 2)).rejects.toMatchObject({ code: "SOURCE_OUT_OF_RANGE" });
    const small = new MemorySource(someBytes(100));
    const replaced = { ...(await checksumsOf(small)), identity: "small", overwrite: true };
    await uploadBase(store, "base.gz", small, replaced);
    const later = objectSource(store, base);
    await expect(later.read(0, 10)).rejects.toMatchObject({ code: "PUBLISH_BASE_CHANGED" });
    const { etag } = base;
    await expect(pinObject(store, "base.gz", { etag })).rejects.toMatchObject({
      code: "PUBLISH_BASE_CHANGED",
    });
    await expect(pinObject(store, "none.gz")).rejects.toMatchObject({ code: "PUBLISH_NOT_FOUND" });
  });

  test("a release costs what its plan says, and a second run next to nothing", async () => {
    const store = await server.newStore({ prefix: "fcos" });
    const base = await upload(store);
    const artifacts = [
      await variantOf(bytes, base, "a.gz", { seed: 3 }),
      await variantOf(bytes, base, "b.gz", { seed: 4, offset: 100 }),
    ];
    const release = { release: "1.0", artifacts, manifest: '{"manifest":1}\n', checksums: "x  a.gz\n" };
    const plan = await planRelease(store, release);
    const before = { ...store.counters };
    const summary = await publishRelease(store, release);
    const { uploadedBytes, copiedBytes, requests } = plan;
    expect(summary).toMatchObject({ uploadedBytes, copiedBytes, requests, presentCount: 0 });
    expect(store.counters.sentBytes - before.sentBytes).toBe(uploadedBytes);
    for (const { key, bytes: expected } of artifacts)
      expect(Buffer.compare(await bytesOf(store, `fcos/1.0/${key}`), expected)).toBe(0);
    const latest = JSON.parse(Buffer.from(await bytesOf(store, "fcos/latest.json")).toString());
    expect(latest).toEqual({
      latest: 1,
      release: "1.0",
      manifest: "1.0/manifest.json",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const again = await planRelease(store, release);
    expect(again.objects.map(({ fate }) => fate)).toEqual(Array.from({ length: 5 }, () => "present"));
    const second = await publishRelease(store, release);
    expect(second).toMatchObject({
      presentCount: 5,
      uploadedBytes: 0,
      copiedBytes: 0,
      requests: again.requests,
    });
    const other = { ...release, manifest: "{}" };
    expect((await planRelease(store, other)).objects.map(({ fate }) => fate)).toContain("refused");
    await expect(publishRelease(store, other)).rejects.toMatchObject({ code: "PUBLISH_EXISTS" });
  });

  test("pruning keeps the newest, and what latest.json names, and touches nothing else", async () => {
    const store = await server.newStore({ prefix: "fcos" });
    const outside = await server.newStore({ bucket: store.settings.bucket });
    const small = new MemorySource(someBytes(1000));
    const checksums = await checksumsOf(small);
    const object = { key: "a.gz", source: small, identity: "a", ...checksums };
    const publish = async (name: string, isLatest: boolean): Promise<unknown> =>
      await publishRelease(store, { release: name, artifacts: [object], manifest: name, isLatest });
    await publish("1", false);
    await publish("2", true);
    await publish("3", false);
    await publish("4", false);
    await expect(publish("bases", false)).rejects.toMatchObject({ code: "PUBLISH_OPTIONS" });
    await publishArtifact(store, { ...object, key: "bases/base.gz" });
    await publishArtifact(store, { ...object, key: "bases/manifest.json" });
    await publishArtifact(outside, { ...object, key: "fcos-other/manifest.json" });
    await publishArtifact(outside, { ...object, key: "fcos/5/half.gz" });
    const { client, sdk } = store;
    const stale = { Bucket: store.settings.bucket, Key: "fcos/stale" };
    await client.send(new sdk.CreateMultipartUploadCommand(stale));
    await client.send(new sdk.PutObjectCommand({ ...stale, Key: "fcos/foreign/manifest.json", Body: "{}" }));

    const plan = await planPrune(store, { keep: 1, uploadsBefore: new Date(Date.now() + 60_000) });
    expect(plan.kept.map(({ release, isLatest }) => [release, isLatest])).toEqual([
      ["4", false],
      ["2", true],
    ]);
    expect(plan.removed.map(({ keys }) => keys)).toEqual([
      ["fcos/3/a.gz", "fcos/3/manifest.json"],
      ["fcos/1/a.gz", "fcos/1/manifest.json"],
    ]);
    expect(plan.uploads.map(({ key }) => key)).toEqual(["fcos/stale"]);
    expect((await planPrune(store, { keep: 9 })).uploads).toEqual([]);
    await prune(store, plan);
    expect(await contentsOf(store)).toEqual({
      keys: [
        "fcos-other/manifest.json",
        "fcos/2/a.gz",
        "fcos/2/manifest.json",
        "fcos/4/a.gz",
        "fcos/4/manifest.json",
        "fcos/5/half.gz",
        "fcos/bases/base.gz",
        "fcos/bases/manifest.json",
        "fcos/foreign/manifest.json",
        "fcos/latest.json",
      ],
      uploads: [],
    });
    const stalePlan = await planPrune(store, { keep: 1 });
    await publish("2b", true);
    const [kept] = stalePlan.kept;
    if (kept === undefined) throw new Error("nothing is kept");
    const wrong = { ...stalePlan, removed: [{ ...kept, release: "2b" }] };
    await expect(prune(store, wrong)).rejects.toMatchObject({ code: "PUBLISH_LATEST" });
    expect(await latestRelease(store)).toBe("2b");
    for await (const left of listUploads(store, "")) expect(left).toBeUndefined();
  });
});
