// What a build made, and variants of what is on the server alone, as objects of a real S3 server.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listUploads, objectSource, openStore, pinObject, type Store } from "@bootstamp/publish";
import {
  gatewayTools,
  RecordingServer,
  startFaultProxy,
  startGateway,
  type FaultProxy,
  type Gateway,
} from "@bootstamp/s3-server";
import { buildImage } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../src/build/manifest.ts";
import { eventsOf, runCommand, startCommand, type Event, type Outcome } from "./support/command.ts";
import { editsOf, specOf, workplace, writeText } from "./support/workplace.ts";

const guard = requires(...gatewayTools);
/** Room for variants that come later. */
const store = { reserve: { files: ["/marker.txt"], bytes: 65_536 } };

describe("publish", guard, () => {
  let gateway: Gateway;
  let proxy: FaultProxy;
  let folder: string;
  let image: string;
  let spec: string;
  let out: string;
  let manifest: Manifest;

  beforeAll(async () => {
    gateway = await startGateway();
    proxy = await startFaultProxy(gateway.endpoint);
    process.env["AWS_ACCESS_KEY_ID"] = gateway.accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = gateway.secretAccessKey;
    folder = mkdtempSync(join(tmpdir(), "bootstamp-app-"));
    image = (await buildImage("debian-sdboot")).path;
    const output = { formats: ["gz", "zst"], bmap: true };
    const variants = [{ name: "aws", edits: editsOf("aws") }];
    const place = { bucket: "from-spec", prefix: "os", endpoint: gateway.endpoint, tags: { team: "os" } };
    const publish = [{ s3: { ...place, "content-type": "application/gzip", release: "one" } }];
    spec = writeText(join(folder, "spec.yaml"), specOf(image, { store, output, variants, publish }));
    const built = await runCommand(["build", spec]);
    if (built.status !== 0) throw new Error(built.err);
    out = join(folder, "out");
    manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function newBucket(name: string): Promise<Store> {
    const opened = await openStore({ bucket: name, endpoint: gateway.endpoint });
    await opened.client.send(new opened.sdk.CreateBucketCommand({ Bucket: name }));
    return opened;
  }

  const placeWords = (bucket: string, endpoint = gateway.endpoint): string[] => [
    "--bucket",
    bucket,
    "--endpoint",
    endpoint,
    "--json",
  ];

  test("to where the spec says, composed on the server, once, for what was said before", async () => {
    const bucket = await newBucket("from-spec");
    const planned = await runCommand(["publish", spec, "--dry-run", "--json"]);
    expect(planned).toMatchObject({ status: 0, err: "" });
    const plan = eventNamed(planned, "publish-plan");
    expect(await keysOf(bucket)).toEqual([]);
    const shown = await runCommand(["publish", spec, "--dry-run"], { columns: 100 });
    expect(shown.out).toMatch(/^os\/one\/aws\.raw\.gz +new +\d+\.\d MiB +[\d.]+ MiB +\d+$/m);
    const published = await runCommand(["publish", spec, "--json"]);
    expect(published).toMatchObject({ status: 0, err: "" });
    const event = eventNamed(published, "published");
    expect(event).toMatchObject({ release: "one", presentCount: 0, copiedBytes: plan?.["copiedBytes"] });
    expect(event?.["copiedBytes"]).toBeGreaterThan(0);
    // what is planned, the bases too, is what is done
    expect([event?.["sentBytes"], event?.["requests"]]).toEqual([
      plan?.["uploadedBytes"],
      plan?.["requests"],
    ]);
    for (const { file, sha256, bmap } of manifest.artifacts) {
      expect(await digestAt(bucket, `os/one/${file}`)).toBe(sha256);
      expect(await digestAt(bucket, `os/one/${bmap}`)).toBe(digestOf(join(out, bmap ?? "")));
    }
    const { client, sdk } = bucket;
    const object = { Bucket: "from-spec", Key: "os/one/aws.raw.gz" };
    const head = await client.send(new sdk.HeadObjectCommand(object));
    expect(head.ContentType).toBe("application/gzip");
    expect(head.Metadata?.["sha256"]).toBe(digestOf(join(out, "aws.raw.gz")));
    const { TagSet } = await client.send(new sdk.GetObjectTaggingCommand(object));
    expect(TagSet).toEqual([{ Key: "team", Value: "os" }]);
    const again = await runCommand(["publish", spec, "--json"]);
    expect(eventNamed(again, "published")).toMatchObject({ sentBytes: 0, copiedBytes: 0 });
    bucket.close();
  });

  test("stamps, and the base that they are for, as they are", async () => {
    const bucket = await newBucket("stamps");
    const only = join(workplace(), "only");
    const words = ["build", spec, "-o", only, "--stamps-only"];
    expect(await runCommand(words)).toMatchObject({ status: 0, err: "" });
    const flags = [...placeWords("stamps"), "--release", "one"];
    const published = await runCommand(["publish", only, ...flags]);
    expect(published).toMatchObject({ status: 0, err: "" });
    // the base is a copy of what is on the server for variants
    const { stampables }: Manifest = JSON.parse(readFileSync(join(only, "manifest.json"), "utf8"));
    const copiedBytes = stampables.reduce((sum, { length }) => sum + length, 0);
    expect(eventNamed(published, "published")).toMatchObject({ copiedBytes });
    const sums = readFileSync(join(only, "SHA256SUMS"), "utf8").trimEnd().split("\n");
    expect(sums).toHaveLength(3);
    for (const [digest, file] of sums.map((line) => line.split("  ")))
      expect(await digestAt(bucket, `one/${file}`)).toBe(digest);
    bucket.close();
  });

  test("variants of a base that is on the server alone: fetched by range, and what `stamp` would make", async () => {
    const bucket = await newBucket("server-base");
    const later = workplace();
    const variants = [{ name: "later", edits: editsOf("later") }, { name: "plain" }];
    const output = { formats: ["gz", "zst"] };
    const laterSpec = writeText(join(later, "later.yaml"), specOf("nowhere.raw", { output, variants }));
    const [gz, zst] = manifest.stampables.map(
      ({ identity, format }) => `s3://from-spec/os/bases/${identity}.${format}`,
    );
    const bases = ["--base", gz ?? "", "--base", zst ?? ""];
    const words = ["publish", laterSpec, ...bases, "--release", "2", ...placeWords("server-base")];
    const planned = await runCommand([...words, "--dry-run"]);
    expect(planned).toMatchObject({ status: 0, err: "" });
    expect(await keysOf(bucket)).not.toContain("2/manifest.json");
    const published = await runCommand(words);
    expect(published).toMatchObject({ status: 0, err: "" });
    const total = manifest.stampables.reduce((sum, { length }) => sum + length, 0);
    expect(eventNamed(published, "server-bases")?.["fetchedBytes"]).toBeLessThan(total / 10);
    expect(eventNamed(published, "published")).toMatchObject({
      copiedBytes: eventNamed(planned, "publish-plan")?.["copiedBytes"],
      uploadedBytes: eventNamed(planned, "publish-plan")?.["uploadedBytes"],
    });
    const stamped = join(later, "later.raw.gz");
    const { identity } = manifest.stampables.find(({ format }) => format === "gz") ?? {};
    const local = join(out, ".bootstamp/bases", `${identity?.slice(0, 32)}.gz`);
    const stamp = ["stamp", local, "--spec", laterSpec, "--variant", "later", "-o", stamped];
    expect(await runCommand(stamp)).toMatchObject({ status: 0 });
    expect(await digestAt(bucket, "2/later.raw.gz")).toBe(digestOf(stamped));
    expect(await digestAt(bucket, "2/plain.raw.gz")).toBe(digestOf(local));
    const text = objectSource(bucket, await pinObject(bucket, "2/manifest.json"));
    const made: Manifest = JSON.parse(Buffer.from(await text.read(0, text.length)).toString());
    expect(made.artifacts.map(({ file, sha256 }) => [file, sha256])).toEqual([
      ["later.raw.gz", undefined],
      ["later.raw.zst", undefined],
      ["plain.raw.gz", undefined],
      ["plain.raw.zst", undefined],
    ]);
    expect(await keysOf(bucket)).not.toContain("2/SHA256SUMS");
    expect(eventNamed(await runCommand(words), "published")).toMatchObject({ sentBytes: 0, presentCount: 6 });
    bucket.close();
  });

  test("what was not foreseen when a base was made is refused by name, and nothing is published", async () => {
    const bucket = await openStore({ bucket: "server-base", endpoint: gateway.endpoint });
    const before = await keysOf(bucket);
    const variants = [{ name: "large", edits: [{ fill: { path: "/not-there", content: "x" } }] }];
    const later = writeText(join(workplace(), "later.yaml"), specOf("nowhere.raw", { variants }));
    const identity = manifest.stampables.find(({ format }) => format === "gz")?.identity;
    const words = ["publish", later, ...placeWords("server-base")];
    const outcome = await runCommand([...words, "--base", `s3://from-spec/os/bases/${identity}.gz`]);
    expect(outcome.status).not.toBe(0);
    expect(outcome.out).toContain('variant \\"large\\"');
    const missing = await runCommand([...words, "--base", "s3://server-base/none.gz"]);
    expect(eventNamed(missing, "error")).toMatchObject({ code: "PUBLISH_NOT_FOUND" });
    const other = await runCommand([...words, "--base", "s3://server-base/latest.json"]);
    expect(eventNamed(other, "error")).toMatchObject({ code: "USAGE_NOT_AN_IMAGE" });
    expect(await keysOf(bucket)).toEqual(before);
    bucket.close();
  });

  test.each(["SIGKILL", "SIGINT"] as const)("%s in the middle of the base, then again", async (signal) => {
    const name = `stopped-${signal.toLowerCase()}`;
    const bucket = await newBucket(name);
    const words = ["publish", out, ...placeWords(name, proxy.endpoint)];
    let parts = 0;
    const running = startCommand(words);
    proxy.plan = ({ query }) => {
      if (!query.has("partNumber") || ++parts !== 3) return undefined;
      return { kind: "after", before: async () => void running.child.kill(signal) };
    };
    const stopped = await running.outcome;
    proxy.plan = () => undefined;
    expect(stopped.status).toBe(signal === "SIGINT" ? 130 : signal);
    expect(await keysOf(bucket)).toEqual([]);
    expect(await uploadsOf(bucket)).toHaveLength(signal === "SIGINT" ? 0 : 1);
    const second = await runCommand(words);
    expect(second).toMatchObject({ status: 0, err: "" });
    const base = eventNamed(second, "base-published");
    const kept = Number(base?.["keptBytes"]);
    expect(kept > 0).toBe(signal === "SIGKILL");
    expect(await uploadsOf(bucket)).toEqual([]);
    const [first] = manifest.artifacts;
    const keys = await keysOf(bucket);
    const key = keys.find((each) => each.endsWith(`/${first?.file}`)) ?? "";
    expect(await digestAt(bucket, key)).toBe(first?.sha256);
    bucket.close();
  });

  test("older releases go when it is said that they go, and a dry run says which", async () => {
    const bucket = await newBucket("pruned");
    const words = placeWords("pruned");
    for (const release of ["1", "2"])
      expect(await runCommand(["publish", out, ...words, "--release", release])).toMatchObject({ status: 0 });
    const third = ["publish", out, ...words, "--release", "3", "--prune", "2"];
    const planned = eventNamed(await runCommand([...third, "--dry-run"]), "prune-plan");
    expect(planned).toMatchObject({ dryRun: true, removed: [{ release: "1" }], kept: ["2"] });
    expect(await keysOf(bucket)).toContain("1/manifest.json");
    const done = await runCommand(third);
    const names = eventsOf(done).map(({ event }) => event);
    expect(names.slice(-3)).toEqual(["published", "prune-plan", "pruned"]);
    const keys = await keysOf(bucket);
    expect(new Set(keys.map((key) => key.split("/")[0]))).toEqual(
      new Set(["2", "3", "bases", "latest.json"]),
    );
    bucket.close();
  });

  test("flags get to the server: of objects, of how they are checked and cut", async () => {
    await using server = await RecordingServer.start();
    const words = ["publish", out, ...placeWords("flags", server.endpoint), "--release", "one"];
    const flags = [
      ["--cache-control", "max-age=60", "--content-disposition", "attachment", "--no-latest"],
      ["--storage-class", "STANDARD_IA", "--sse", "aws:kms", "--sse-kms-key-id", "key-1"],
      ["--tag", "team=os", "--tag", "arch=x86", "--checksum-algorithm", "crc32", "--equal-parts"],
    ].flat();
    expect(await runCommand([...words, ...flags])).toMatchObject({ status: 0, err: "" });
    const begun = server.recorded.filter(({ what }) => what === "POST begin");
    expect(begun.map(({ key }) => key)).toContain("one/aws.raw.gz");
    for (const { headers } of begun)
      expect(headers).toMatchObject({
        "cache-control": "max-age=60",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "key-1",
        "x-amz-tagging": "team=os&arch=x86",
        "x-amz-checksum-algorithm": "CRC32",
      });
    const artifact = begun.find(({ key }) => key === "one/aws.raw.gz");
    expect(artifact?.headers["content-disposition"]).toBe("attachment");
    const lengths = partLengths(server, "one/aws.raw.gz");
    expect(lengths.length).toBeGreaterThan(2);
    expect(new Set(lengths.toSorted((a, b) => b - a).slice(0, -1)).size).toBe(1);
    expect([...server.objects.keys()]).not.toContain("latest.json");
    const artifactBytes = readFileSync(join(out, "aws.raw.gz"));
    expect(server.objects.get("one/aws.raw.gz")?.bytes.equals(artifactBytes)).toBe(true);
  });

  test("of what is told not to be checked nothing is sent; what is told to be replaced is", async () => {
    await using server = await RecordingServer.start();
    const key = "one/aws.raw.gz";
    server.objects.set(key, {
      bytes: Buffer.from("other"),
      etag: '"other"',
      headers: {},
      modified: new Date(),
    });
    const words = ["publish", out, ...placeWords("flags", server.endpoint), "--release", "one"];
    const kept = await runCommand([...words, "--checksums", "none"]);
    expect(eventNamed(kept, "error")).toMatchObject({ code: "PUBLISH_EXISTS" });
    expect(server.objects.get(key)?.bytes.toString()).toBe("other");
    server.recorded.length = 0;
    const replaced = await runCommand([...words, "--checksums", "none", "--overwrite"]);
    expect(replaced).toMatchObject({ status: 0, err: "" });
    expect(server.objects.get(key)?.bytes.equals(readFileSync(join(out, "aws.raw.gz")))).toBe(true);
    const writes = server.recorded.filter(({ what }) => /^(PUT|POST)/.test(what));
    expect(writes.map(({ what }) => what)).toEqual(expect.arrayContaining(["PUT part", "PUT object"]));
    for (const { headers } of writes)
      for (const name of ["content-md5", "x-amz-checksum-crc64nvme", "x-amz-checksum-crc32"])
        expect(headers).not.toHaveProperty(name);
    const completed = writes.find((each) => each.what === "POST complete" && each.key === key);
    expect(completed?.headers).not.toHaveProperty("if-none-match");
    expect([...server.objects.keys()]).toContain("latest.json");
  });

  /** Of the same variants, but not what the spec says by now. */
  async function refusesWhatChanged(words: readonly string[]): Promise<void> {
    const output = { formats: ["gz", "zst"] };
    const secret = { secrets: { key: { env: "BOOTSTAMP_TEST_UNSET" } } };
    const variants = [{ name: "aws", edits: editsOf("aws") }];
    const hidden = [{ name: "aws", edits: [{ write: { path: "/key", content: "{{ secret.key }}" } }] }];
    const errorOf = async (more: object): Promise<unknown> => {
      const changed = writeText(
        join(folder, "changed.yaml"),
        specOf(image, { store, output, variants, ...more }),
      );
      const outcome = await runCommand(["publish", changed, "-o", out, ...words, "--dry-run", "--json"]);
      return eventNamed(outcome, "error") ?? eventNamed(outcome, "warning");
    };
    expect(await errorOf({})).toBeUndefined();
    expect(await errorOf({ variants: [{ name: "aws", edits: editsOf("gcp") }] })).toMatchObject(
      stale("has aws with other edits than"),
    );
    expect(await errorOf({ output: { ...output, compression: { gz: { level: 9 } } } })).toMatchObject(
      stale("has gz with level 6"),
    );
    const base = { image, sha256: "0".repeat(64) };
    expect(await errorOf({ base })).toMatchObject(stale("is of a base with the SHA-256"));
    expect(await errorOf({ ...secret, variants: hidden })).toMatchObject({
      message: expect.stringContaining("a secret is not set"),
    });
  }

  test("refuses what was not built, and what is wrong, without telling secrets", async () => {
    const words = placeWords("from-spec");
    expect(await runCommand(["publish", workplace(), ...words])).toMatchObject({ status: 2 });
    expect(await runCommand(["publish", out])).toMatchObject({
      status: 2,
      err: expect.stringContaining("--bucket"),
    });
    const more = writeText(join(folder, "more.yaml"), specOf(image, { variants: [{ name: "new" }] }));
    const other = await runCommand(["publish", more, "-o", out, ...words]);
    expect(eventNamed(other, "error")?.["message"]).toContain("lacks new.raw.gz");
    await refusesWhatChanged(words);
    expect(await runCommand(["publish", more])).toMatchObject({
      status: 2,
      err: expect.stringContaining('"publish:"'),
    });
    const withBase = await runCommand(["publish", out, ...words, "--base", "s3://a/b"]);
    expect(eventNamed(withBase, "error")?.["message"]).toContain("name that, not a directory");
    for (const wrong of [
      ["--prune", "0"],
      ["--tag", "x"],
      ["--sse", "rot13"],
      ["--checksums", "off"],
    ])
      expect(await runCommand(["publish", out, ...words, ...wrong])).toMatchObject({ status: 2 });
    const secret = process.env["AWS_SECRET_ACCESS_KEY"] ?? "";
    const nowhere = ["publish", out, "--bucket", "x", "--endpoint", "http://user:pass@127.0.0.1:1"];
    const refused = await runCommand(nowhere);
    expect(refused.status).not.toBe(0);
    expect(refused.err).not.toContain("pass@");
    expect(refused.err).not.toContain(secret);
  });
});

/** The error that a publication of an old build ends with. */
function stale(message: string): object {
  return { code: "BUILD_STALE", message: expect.stringContaining(message) };
}

async function digestAt(bucket: Store, key: string): Promise<string> {
  const source = objectSource(bucket, await pinObject(bucket, key));
  const bytes = await source.read(0, source.length);
  return createHash("sha256").update(bytes).digest("hex");
}

async function keysOf({ client, sdk, settings }: Store): Promise<string[]> {
  const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: settings.bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

async function uploadsOf(bucket: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listUploads(bucket, "")) keys.push(key);
  return keys;
}

/** Of the parts that were uploaded or copied. */
function partLengths({ recorded }: RecordingServer, key: string): number[] {
  return recorded
    .filter((each) => each.key === key && /^PUT (part|copy)$/.test(each.what))
    .map(({ headers }) => {
      const [, from = "", to = ""] = /(\d+)-(\d+)/.exec(headers["x-amz-copy-source-range"] ?? "") ?? [];
      return to === "" ? Number(headers["content-length"]) : Number(to) + 1 - Number(from);
    });
}

function eventNamed(outcome: Outcome, name: string): Event | undefined {
  return eventsOf(outcome).find(({ event }) => event === name);
}

function digestOf(path: string): string {
  expect(statSync(path).isFile()).toBe(true);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
