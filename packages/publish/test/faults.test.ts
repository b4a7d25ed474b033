import { inspect } from "node:util";
import { MemorySource } from "@bootstamp/byte-source";
import {
  objectSource,
  openStore,
  publishArtifact,
  publishRelease,
  uploadBase,
  type ArtifactRequest,
  type PublishedObject,
  type Store,
  type UploadRecord,
  type UploadRecords,
} from "@bootstamp/publish";
import {
  gatewayTools,
  startFaultProxy,
  type FaultPlan,
  type FaultProxy,
  type ProxyFault,
  type SeenRequest,
} from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bytesOf, contentsOf, removeAll, startTestGateway, type TestGateway } from "./gateway.ts";
import { checksumsOf, mebibyte, someBytes, variantOf } from "./some-bytes.ts";

const bytes = someBytes(16 * mebibyte + 77);
const file = new MemorySource(bytes);
const sums = await checksumsOf(file);
const about = { identity: "base", ...sums, partLength: 8 * mebibyte };

type Matching = (request: SeenRequest) => boolean;

const isPart: Matching = ({ method, query, headers }) =>
  method === "PUT" && query.has("partNumber") && headers["x-amz-copy-source"] === undefined;
const isCopy: Matching = ({ headers }) => headers["x-amz-copy-source"] !== undefined;
const isComplete: Matching = ({ method, query }) => method === "POST" && query.has("uploadId");
const isBegin: Matching = ({ method, query }) => method === "POST" && query.has("uploads");
const isRead: Matching = ({ method, headers }) => method === "GET" && headers["range"] !== undefined;

/** One fault, for the first `count` requests that match. */
function first(count: number, matching: Matching, fault: ProxyFault): FaultPlan {
  let left = count;
  return (request) => (matching(request) && left-- > 0 ? fault : undefined);
}

const always = Number.MAX_SAFE_INTEGER;
const slowDown = { kind: "answer", status: 503, code: "SlowDown" } as const;
const broken = { kind: "answer", status: 500, code: "InternalError" } as const;

async function replaceBase(store: Store): Promise<void> {
  const other = new MemorySource(someBytes(bytes.length, 8));
  const checksums = await checksumsOf(other);
  await uploadBase(store, "base.gz", other, { ...checksums, identity: "other", overwrite: true });
}

describe("through a proxy that makes requests fail", requires(...gatewayTools), () => {
  let server: TestGateway;
  let proxy: FaultProxy;
  /** One way to the gateway leads through the proxy, the other not. */
  let store: Store;
  let direct: Store;
  let base: PublishedObject;
  let variant: ArtifactRequest & { readonly bytes: Uint8Array };

  beforeAll(async () => {
    server = await startTestGateway();
    proxy = await startFaultProxy(server.gateway.endpoint);
    direct = await server.newStore();
    const { bucket } = direct.settings;
    store = await openStore({ bucket, endpoint: proxy.endpoint, tries: 2 });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server.stop();
  });
  beforeEach(async () => {
    proxy.plan = () => undefined;
    await removeAll(direct, "base.gz");
    base = await uploadBase(direct, "base.gz", file, { ...about, overwrite: true });
    variant = await variantOf(bytes, base, "v.gz");
    proxy.seen.length = 0;
  });

  async function expectPublished(): Promise<void> {
    expect(Buffer.compare(await bytesOf(direct, "v.gz"), variant.bytes)).toBe(0);
    expect(await contentsOf(direct)).toEqual({ keys: ["base.gz", "v.gz"], uploads: [] });
  }

  async function expectNothing(): Promise<void> {
    expect(await contentsOf(direct)).toEqual({ keys: ["base.gz"], uploads: [] });
  }

  test.each<[string, number, Matching, ProxyFault]>([
    ["parts answered with 503", 3, isPart, slowDown],
    ["parts answered with 500", 3, isPart, broken],
    ["copies answered with 500", 3, isCopy, broken],
    ["the beginning answered with 503", 1, isBegin, slowDown],
    ["the end answered with 500", 1, isComplete, broken],
    ["connections dropped in the middle of a part", 3, isPart, { kind: "cut-request", after: 2 * mebibyte }],
    ["answers to parts lost", 3, isPart, { kind: "lose-answer" }],
    ["answers to copies lost", 3, isCopy, { kind: "lose-answer" }],
    ["parts sent twice", always, isPart, { kind: "twice" }],
    ["copies made twice", always, isCopy, { kind: "twice" }],
    ["the end said twice", always, isComplete, { kind: "twice" }],
    ["the answer to the end lost", always, isComplete, { kind: "lose-answer" }],
    ["parts damaged on their way", 1, isPart, { kind: "corrupt-request" }],
    ["the reading back cut short", 1, isRead, { kind: "cut-answer", after: 100 }],
  ])("%s: published all the same", async (_, count, matching, fault) => {
    proxy.plan = first(count, matching, fault);
    await publishArtifact(store, variant);
    expect(proxy.seen.filter(matching).length).toBeGreaterThan(0);
    await expectPublished();
  });

  test.each<[string, Matching, ProxyFault, string]>([
    ["parts", isPart, broken, "PUBLISH_STATUS"],
    ["slow parts", isPart, slowDown, "PUBLISH_STATUS"],
    ["copies", isCopy, broken, "PUBLISH_STATUS"],
    ["the end", isComplete, broken, "PUBLISH_STATUS"],
    ["connections", isPart, { kind: "cut-request", after: mebibyte }, "PUBLISH_UNREACHABLE"],
    ["permissions", isCopy, { kind: "answer", status: 403, code: "AccessDenied" }, "PUBLISH_DENIED"],
  ])("%s fail for good: nothing is left, and a second run publishes", async (_, matching, fault, code) => {
    proxy.plan = first(always, matching, fault);
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code });
    await expectNothing();
    proxy.plan = () => undefined;
    await publishArtifact(store, variant);
    await expectPublished();
  });

  test("aborted in the middle of a part: nothing is left", async () => {
    const stopping = new AbortController();
    const stop = async (): Promise<void> => stopping.abort(new Error("stopped by the user"));
    proxy.plan = first(1, isPart, { kind: "after", before: stop });
    await expect(publishArtifact(store, variant, { signal: stopping.signal })).rejects.toThrow("stopped by");
    await expectNothing();
  });

  test("an upload that cannot be aborted either is gone on with by the next run", async () => {
    await removeAll(direct, "");
    const known = new Map<string, UploadRecord>();
    const records: UploadRecords = {
      get: async (name) => known.get(name),
      set: async (name, record) => void (record === undefined ? known.delete(name) : known.set(name, record)),
    };
    proxy.plan = ({ method, query }) =>
      method === "DELETE" || query.get("partNumber") === "3" ? broken : undefined;
    const upload = uploadBase(store, "base.gz", file, { ...about, records });
    await expect(upload).rejects.toMatchObject({ code: "PUBLISH_STATUS" });
    expect(await contentsOf(direct)).toEqual({ keys: [], uploads: ["base.gz"] });
    proxy.plan = () => undefined;
    const second = await uploadBase(store, "base.gz", file, { ...about, records });
    expect(second).toMatchObject({ keptBytes: 16 * mebibyte, uploadedBytes: 77 });
    expect(await contentsOf(direct)).toEqual({ keys: ["base.gz"], uploads: [] });
    expect(known.size).toBe(0);
  });

  test("a base that is replaced half-way: an error by name, and nothing published", async () => {
    let copies = 0;
    proxy.plan = (request) =>
      isCopy(request) && ++copies === 2
        ? { kind: "after", before: async () => await replaceBase(direct) }
        : undefined;
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code: "PUBLISH_BASE_CHANGED" });
    await expectNothing();
  });

  test("a base that is removed half-way", async () => {
    const { client, sdk } = direct;
    const remove = async (): Promise<void> => {
      await client.send(new sdk.DeleteObjectCommand({ Bucket: direct.settings.bucket, Key: "base.gz" }));
    };
    proxy.plan = first(1, isCopy, { kind: "after", before: remove });
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code: "PUBLISH_BASE_CHANGED" });
    expect(await contentsOf(direct)).toEqual({ keys: [], uploads: [] });
  });

  test("an object that comes out wrong is noticed by its seams, and removed", async () => {
    proxy.plan = first(always, isRead, { kind: "corrupt-answer" });
    await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code: "PUBLISH_DAMAGED" });
    await expectNothing();
  });

  test("a release of which one artifact fails has no manifest, and latest.json still names the one before", async () => {
    const other = await variantOf(bytes, base, "other.gz", { seed: 9 });
    const release = { artifacts: [variant], manifest: "{}", checksums: "" };
    await publishRelease(store, { ...release, release: "1" });
    const latest = await bytesOf(direct, "latest.json");
    proxy.plan = (request) => (isPart(request) && request.path.endsWith("other.gz") ? broken : undefined);
    const second = { ...release, release: "2", artifacts: [variant, other] };
    await expect(publishRelease(store, second)).rejects.toMatchObject({ code: "PUBLISH_STATUS" });
    const { keys, uploads } = await contentsOf(direct);
    expect([keys.filter((key) => /^2\/[^v]/.test(key)), uploads]).toEqual([[], []]);
    expect(await bytesOf(direct, "latest.json")).toEqual(latest);
    proxy.plan = () => undefined;
    await publishRelease(store, second);
    expect((await contentsOf(direct)).keys).toEqual([
      "1/SHA256SUMS",
      "1/manifest.json",
      "1/v.gz",
      "2/SHA256SUMS",
      "2/manifest.json",
      "2/other.gz",
      "2/v.gz",
      "base.gz",
      "latest.json",
    ]);
  });

  test("what a killed run left of an upload is aborted by the next", async () => {
    const { client, sdk } = direct;
    const left = { Bucket: direct.settings.bucket, Key: "1/v.gz" };
    await client.send(new sdk.CreateMultipartUploadCommand(left));
    await publishRelease(store, { release: "1", artifacts: [variant], manifest: "{}" });
    expect((await contentsOf(direct)).uploads).toEqual([]);
  });

  test("reading a base goes on after broken answers, and refuses wrong ones", async () => {
    proxy.plan = first(1, isRead, { kind: "cut-answer", after: 1000 });
    const read = await objectSource(store, base).read(1000, 300_000);
    expect(Buffer.compare(read, bytes.subarray(1000, 301_000))).toBe(0);
    proxy.plan = first(always, isRead, broken);
    await expect(objectSource(store, base).read(0, 10)).rejects.toMatchObject({ code: "PUBLISH_STATUS" });
  });

  test("secrets are in no error", async () => {
    const { accessKeyId, secretAccessKey } = server.gateway;
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    process.env["AWS_SECRET_ACCESS_KEY"] = "wrong-secret-key";
    try {
      const refused = await openStore({ bucket: direct.settings.bucket, endpoint: proxy.endpoint, tries: 1 });
      await publishArtifact(refused, variant).catch(note);
      process.env["AWS_ACCESS_KEY_ID"] = "unknown-access-key";
      const unknown = await openStore({ bucket: direct.settings.bucket, endpoint: proxy.endpoint, tries: 1 });
      await publishArtifact(unknown, variant).catch(note);
    } finally {
      process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
      process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
    }
    const nowhere = await openStore({ bucket: "b", endpoint: "http://127.0.0.1:1", tries: 1 });
    await publishArtifact(nowhere, variant).catch(note);
    await openStore({ bucket: "b", endpoint: "http://me:pass-word@host" }).catch(note);
    await openStore({ bucket: "b", endpoint: "me:pass-word@host" }).catch(note);
    const missing = await openStore({ bucket: "no-such-bucket", endpoint: proxy.endpoint });
    await publishArtifact(missing, variant).catch(note);
    expect(errors).toMatchObject([
      { code: "PUBLISH_DENIED" },
      { code: "PUBLISH_DENIED" },
      { code: "PUBLISH_UNREACHABLE" },
      { code: "PUBLISH_OPTIONS" },
      { code: "PUBLISH_OPTIONS" },
      { code: "PUBLISH_NO_BUCKET" },
    ]);
    const shown = inspect(errors, { depth: 20, showHidden: true }) + JSON.stringify(errors);
    for (const secret of [accessKeyId, secretAccessKey, "wrong-secret", "unknown-access", "pass-word"])
      expect(shown).not.toContain(secret);
  });
});
