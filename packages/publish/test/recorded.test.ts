import { MemorySource, overwrittenSource } from "@bootstamp/byte-source";
import { crc64nvme } from "@bootstamp/crc";
import {
  base64OfCrc64,
  openStore,
  planArtifact,
  publishArtifact,
  publishRelease,
  spansOfOverwrites,
  uploadBase,
  type PublishedObject,
  type Store,
  type StoreOptions,
} from "@bootstamp/publish";
import { RecordingServer } from "@bootstamp/s3-server";
import { requires, runBytes } from "@bootstamp/witnesses";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { checksumsOf, mebibyte, someBytes, variantOf } from "./some-bytes.ts";

const bytes = someBytes(20 * mebibyte + 77);
const file = new MemorySource(bytes);
const sums = await checksumsOf(file);
let server: RecordingServer;

beforeEach(async () => {
  process.env["AWS_ACCESS_KEY_ID"] = "recorded-key";
  process.env["AWS_SECRET_ACCESS_KEY"] = "recorded-secret";
  server = await RecordingServer.start();
});
afterEach(async () => await server[Symbol.asyncDispose]());

async function storeOf(options: Partial<StoreOptions> = {}): Promise<Store> {
  return await openStore({ bucket: "images", endpoint: server.endpoint, ...options });
}

async function upload(store: Store): Promise<PublishedObject> {
  return await uploadBase(store, "base.gz", file, { identity: "base", ...sums, partLength: 8 * mebibyte });
}

function headersOf(what: string, ...names: string[]): (string | undefined)[][] {
  return server.recorded
    .filter((each) => each.what === what)
    .map(({ headers }) => names.map((name) => headers[name]));
}

/** CRC-64/NVME from its polynomial, reflected: a table made bit by bit; the value in base64, big-endian. */
const pythonCrc = `
import base64, sys
table = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x9A6C9329AC4BC9B5 if byte & 1 else 0)
    table.append(byte)
crc = 2**64 - 1
for byte in sys.stdin.buffer.read():
    crc = table[(crc ^ byte) & 255] ^ crc >> 8
print(base64.b64encode((crc ^ 2**64 - 1).to_bytes(8, "big")).decode(), end="")
`;

describe("what Amazon S3 checks", () => {
  test("each part by its CRC-64/NVME and MD5, the whole object by the CRC that was known before", async () => {
    const store = await storeOf();
    await upload(store);
    expect(headersOf("POST begin", "x-amz-checksum-algorithm", "x-amz-checksum-type")).toEqual([
      ["CRC64NVME", "FULL_OBJECT"],
    ]);
    for (const part of headersOf("PUT part", "x-amz-checksum-crc64nvme", "content-md5", "content-length"))
      expect(part).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
    const whole = [
      "x-amz-checksum-crc64nvme",
      "x-amz-checksum-type",
      "x-amz-mp-object-size",
      "if-none-match",
    ];
    expect(headersOf("POST complete", ...whole)).toEqual([
      [base64OfCrc64(sums.crc64nvme), "FULL_OBJECT", String(bytes.length), "*"],
    ]);
    expect(server.objects.get("base.gz")?.bytes.equals(bytes)).toBe(true);
  });

  test("bodies go as they are, not in chunks with trailers", async () => {
    await upload(await storeOf());
    expect(headersOf("PUT part", "content-encoding", "x-amz-trailer", "transfer-encoding")).toEqual(
      Array.from({ length: 3 }, () => [undefined, undefined, undefined]),
    );
  });

  test("a copy is of one version of the base; the CRC of the artifact is sent, which nobody read", async () => {
    const store = await storeOf();
    const base = await upload(store);
    const variant = await variantOf(bytes, base, "dir with space/v+1.gz");
    server.recorded.length = 0;
    await publishArtifact(store, variant);
    const copies = headersOf(
      "PUT copy",
      "x-amz-copy-source",
      "x-amz-copy-source-range",
      "x-amz-copy-source-if-match",
    );
    expect(copies).toEqual([
      ["images/base.gz", `bytes=0-${5 * mebibyte - 1}`, base.etag],
      ["images/base.gz", `bytes=${10 * mebibyte}-${bytes.length - 9}`, base.etag],
    ]);
    expect(headersOf("POST complete", "x-amz-checksum-crc64nvme")).toEqual([
      [base64OfCrc64(variant.crc64nvme)],
    ]);
    expect(server.objects.get(variant.key)?.bytes.equals(variant.bytes)).toBe(true);
  });

  test(
    "the CRC-64/NVME of a variant in parts, known by algebra, is what Python comes to",
    requires("python3"),
    async () => {
      const store = await storeOf();
      const base = await upload(store);
      const overwrite = { offset: 7 * mebibyte, bytes: someBytes(5000, 3) };
      const before = bytes.subarray(overwrite.offset, overwrite.offset + overwrite.bytes.length);
      const tail = bytes.length - overwrite.offset - overwrite.bytes.length;
      const source = overwrittenSource(file, [overwrite]);
      const patched = crc64nvme.patch(
        sums.crc64nvme,
        crc64nvme.of(before),
        crc64nvme.of(overwrite.bytes),
        tail,
      );
      const spans = spansOfOverwrites(bytes.length, [overwrite]);
      const about = { key: "v.gz", identity: "v", crc64nvme: patched, crc32: undefined };
      await publishArtifact(store, { ...about, source, base, spans });
      const whole = await source.read(0, source.length);
      const expected = await runBytes("python3", ["-c", pythonCrc], { input: whole });
      expect(headersOf("POST complete", "x-amz-checksum-crc64nvme").at(-1)).toEqual([expected.toString()]);
    },
  );

  test("by CRC-32 instead", async () => {
    const store = await storeOf({ checksumAlgorithm: "crc32" });
    const base = await upload(store);
    const variant = await variantOf(bytes, base, "v.gz");
    await publishArtifact(store, variant);
    expect(headersOf("POST begin", "x-amz-checksum-algorithm")).toEqual([["CRC32"], ["CRC32"]]);
    expect(headersOf("POST complete", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme")).toEqual([
      [expect.any(String), undefined],
      [expect.any(String), undefined],
    ]);
    expect(server.objects.get("v.gz")?.bytes.equals(variant.bytes)).toBe(true);
  });

  test("where the CRC is not known, the server is asked to work it out, and told none", async () => {
    const store = await storeOf();
    const base = await upload(store);
    const variant = await variantOf(bytes, base, "v.gz");
    await publishArtifact(store, { ...variant, crc64nvme: undefined });
    expect(headersOf("POST begin", "x-amz-checksum-algorithm").at(-1)).toEqual(["CRC64NVME"]);
    const told = ["x-amz-checksum-crc64nvme", "x-amz-checksum-type", "x-amz-mp-object-size"];
    expect(headersOf("POST complete", ...told).at(-1)).toEqual([undefined, undefined, String(bytes.length)]);
    expect(server.objects.get("v.gz")?.bytes.equals(variant.bytes)).toBe(true);
  });

  test("a CRC that is not the artifact's is refused, and no upload is left", async () => {
    const store = await storeOf();
    const base = await upload(store);
    const variant = await variantOf(bytes, base, "v.gz");
    const wrong = { ...variant, crc64nvme: variant.crc64nvme ^ 1n };
    await expect(publishArtifact(store, wrong)).rejects.toMatchObject({ code: "PUBLISH_SOURCE_CHANGED" });
    expect([server.uploads.size, server.objects.has("v.gz")]).toEqual([0, false]);
  });
});

test.each([
  ["when-required", [undefined, expect.any(String)]],
  ["none", [undefined, undefined]],
] as const)("checksums: %s", async (checksums, expected) => {
  await upload(await storeOf({ checksums }));
  const parts = headersOf("PUT part", "x-amz-checksum-crc64nvme", "content-md5");
  expect(parts).toEqual(Array.from({ length: 3 }, () => expected));
  expect(headersOf("POST begin", "x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm")).toEqual([
    [undefined, undefined],
  ]);
  expect(headersOf("POST complete", "x-amz-checksum-crc64nvme", "x-amz-mp-object-size")).toEqual([
    [undefined, undefined],
  ]);
  expect(server.objects.get("base.gz")?.bytes.equals(bytes)).toBe(true);
});

test("settings and identity go along with small and with composed objects", async () => {
  const store = await storeOf();
  const base = await upload(store);
  const settings = {
    contentType: "application/gzip",
    cacheControl: "max-age=60",
    contentDisposition: "attachment",
    tags: { team: "images & disks" },
    storageClass: "STANDARD_IA",
    encryption: "aws:kms",
    kmsKeyId: "key-1",
  } as const;
  server.recorded.length = 0;
  const variant = await variantOf(bytes, base, "v.gz");
  await publishArtifact(store, { ...variant, settings });
  const small = new MemorySource(someBytes(1000));
  await publishArtifact(store, {
    key: "small",
    source: small,
    identity: "small",
    sha256: "ab12",
    ...(await checksumsOf(small)),
    settings,
  });
  const names = [
    "content-type",
    "cache-control",
    "content-disposition",
    "x-amz-tagging",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
  ];
  const expected = [
    "application/gzip",
    "max-age=60",
    "attachment",
    "team=images%20%26%20disks",
    "STANDARD_IA",
    "aws:kms",
    "key-1",
  ];
  expect(headersOf("POST begin", ...names)).toEqual([expected]);
  expect(headersOf("PUT object", ...names)).toEqual([expected]);
  // Of a multipart upload, servers that are not Amazon's may forget them.
  expect(server.recorded.filter(({ what }) => what === "PUT tags").map(({ key }) => key)).toEqual(["v.gz"]);
  expect(headersOf("PUT object", "x-amz-meta-sha256", "x-amz-meta-bootstamp-identity")).toEqual([
    ["ab12", "small"],
  ]);
});

test("a base that was replaced is noticed by the server, which heeds the condition", async () => {
  const store = await storeOf();
  const base = await upload(store);
  const variant = await variantOf(bytes, { ...base, etag: '"another"' }, "v.gz");
  await expect(publishArtifact(store, variant)).rejects.toMatchObject({ code: "PUBLISH_BASE_CHANGED" });
  expect([server.uploads.size, server.objects.has("v.gz")]).toEqual([0, false]);
});

test("a server that refuses the ETag that it gave itself is told no condition", async () => {
  const store = await storeOf();
  const base = await upload(store);
  const variant = await variantOf(bytes, base, "v.gz");
  server.refusesCopyConditions = true;
  await publishArtifact(store, variant);
  expect(server.objects.get("v.gz")?.bytes.equals(variant.bytes)).toBe(true);
});

test("an object that appears while another is made stays, if it is not the same", async () => {
  const store = await storeOf();
  const base = await upload(store);
  const variant = await variantOf(bytes, base, "v.gz");
  const other = { bytes: Buffer.from("other"), etag: '"other"', headers: {}, modified: new Date() };
  const onProgress = (): void => void server.objects.set("v.gz", other);
  await expect(publishArtifact(store, variant, { onProgress })).rejects.toMatchObject({
    code: "PUBLISH_EXISTS",
  });
  expect([server.uploads.size, server.objects.get("v.gz")]).toEqual([0, other]);
});

test("all parts but the last have one length where the server wants it", async () => {
  const store = await storeOf({ equalParts: true });
  const base = await upload(store);
  const variant = await variantOf(bytes, base, "v.gz");
  const { parts } = planArtifact(store, variant);
  expect(new Set(parts.slice(0, -1).map(({ length }) => length)).size).toBe(1);
  expect(parts.some(({ kind }) => kind === "copy")).toBe(true);
  await publishArtifact(store, variant);
  expect(server.objects.get("v.gz")?.bytes.equals(variant.bytes)).toBe(true);
});

test("writes the texts of a release after its artifacts, latest.json last", async () => {
  const store = await storeOf({ prefix: "fcos" });
  const base = await upload(store);
  const artifacts = [
    await variantOf(bytes, base, "a.gz", { seed: 3 }),
    await variantOf(bytes, base, "b.gz", { seed: 4 }),
  ];
  await publishRelease(store, { release: "1", artifacts, manifest: "{}", checksums: "sums" });
  const written = server.recorded.filter(({ what }) => what === "POST complete" || what === "PUT object");
  expect(
    written
      .slice(1, 3)
      .map(({ key }) => key)
      .toSorted(),
  ).toEqual(["fcos/1/a.gz", "fcos/1/b.gz"]);
  const texts = ["fcos/1/SHA256SUMS", "fcos/1/manifest.json", "fcos/latest.json"];
  expect(written.slice(3).map(({ key }) => key)).toEqual(texts);
  expect(server.objects.get("fcos/latest.json")?.headers["cache-control"]).toBe("no-cache");
});
