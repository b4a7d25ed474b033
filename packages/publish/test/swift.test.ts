// The second opinion: a server that shares no code with the one of the other tests.
import { MemorySource } from "@bootstamp/byte-source";
import {
  objectSource,
  pinObject,
  planPrune,
  planRelease,
  prune,
  publishArtifact,
  publishRelease,
  uploadBase,
} from "@bootstamp/publish";
import { startSwift, swiftTools } from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, contentsOf, startTestGateway, type TestGateway } from "./gateway.ts";
import { checksumsOf, mebibyte, someBytes, variantOf } from "./some-bytes.ts";

const bytes = someBytes(16 * mebibyte + 77);
const file = new MemorySource(bytes);
const about = { identity: "base", ...(await checksumsOf(file)), partLength: 8 * mebibyte };

describe("against Swift", requires(...swiftTools), () => {
  let server: TestGateway;
  beforeAll(async () => {
    server = await startTestGateway(startSwift);
  });
  afterAll(async () => await server?.stop());

  test.each([{ equalParts: false }, { equalParts: true }])(
    "a release is composed, read back, published once, and replaced by nothing: %o",
    async (options) => {
      const store = await server.newStore({ prefix: "fcos", ...options });
      const base = await uploadBase(store, "base.gz", file, about);
      const settings = { contentType: "application/gzip", cacheControl: "max-age=60" };
      const variant = { ...(await variantOf(bytes, base, "v.gz")), settings };
      const release = { artifacts: [variant], manifest: "{}", checksums: "sums" };
      const plan = await planRelease(store, { ...release, release: "1" });
      const summary = await publishRelease(store, { ...release, release: "1" });
      const { copiedBytes, uploadedBytes } = plan;
      expect(summary).toMatchObject({ presentCount: 0, copiedBytes, uploadedBytes });
      expect(plan.copiedBytes).toBeGreaterThan(5 * mebibyte);
      expect(Buffer.compare(await bytesOf(store, "fcos/1/v.gz"), variant.bytes)).toBe(0);
      const part = await objectSource(store, await pinObject(store, "1/v.gz")).read(1000, 300_000);
      expect(Buffer.compare(part, variant.bytes.subarray(1000, 301_000))).toBe(0);
      const { client, sdk } = store;
      const place = { Bucket: store.settings.bucket, Key: "fcos/1/v.gz" };
      expect(await client.send(new sdk.HeadObjectCommand(place))).toMatchObject({
        ContentType: "application/gzip",
        CacheControl: "max-age=60",
        Metadata: { "bootstamp-identity": variant.identity },
      });
      expect(await publishRelease(store, { ...release, release: "1" })).toMatchObject({
        presentCount: 4,
        uploadedBytes: 0,
      });
      const other = { ...(await variantOf(bytes, base, "1/v.gz", { seed: 9 })) };
      await expect(publishArtifact(store, other)).rejects.toMatchObject({ code: "PUBLISH_EXISTS" });
      await publishRelease(store, { ...release, release: "2" });
      await prune(store, await planPrune(store, { keep: 1 }));
      expect(await contentsOf(store)).toEqual({
        keys: [
          "fcos/2/SHA256SUMS",
          "fcos/2/manifest.json",
          "fcos/2/v.gz",
          "fcos/base.gz",
          "fcos/latest.json",
        ],
        uploads: [],
      });
    },
  );

  test("stopped in the middle: nothing is left", async () => {
    const store = await server.newStore({ connections: 1 });
    const stopping = new AbortController();
    const onProgress = (): void => stopping.abort(new Error("stopped"));
    const upload = uploadBase(store, "base.gz", file, { ...about, signal: stopping.signal, onProgress });
    await expect(upload).rejects.toThrow("stopped");
    expect(await contentsOf(store)).toEqual({ keys: [], uploads: [] });
  });

  test("a base that was replaced is noticed, and nothing published", async () => {
    const store = await server.newStore();
    const base = await uploadBase(store, "base.gz", file, about);
    const variant = await variantOf(bytes, base, "v.gz");
    const other = new MemorySource(someBytes(bytes.length, 8));
    await uploadBase(store, "base.gz", other, {
      ...(await checksumsOf(other)),
      identity: "other",
      overwrite: true,
    });
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code: "PUBLISH_BASE_CHANGED" });
    expect(await contentsOf(store)).toEqual({ keys: ["base.gz"], uploads: [] });
  });

  test("what it does not know is refused by name", async () => {
    const store = await server.newStore();
    const base = await uploadBase(store, "base.gz", file, about);
    const variant = { ...(await variantOf(bytes, base, "v.gz")), settings: { tags: { team: "os" } } };
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({
      code: "PUBLISH_STATUS",
      message: expect.stringContaining("tagging"),
    });
    expect(await contentsOf(store)).toEqual({ keys: ["base.gz"], uploads: [] });
  });
});
