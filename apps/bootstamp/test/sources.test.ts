// Images of every kind, from files, web servers and S3, as the argument of every command and as the base of a spec.
import {
  copyFileSync,
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { openStore } from "@bootstamp/publish";
import { gatewayTools, startGateway, type Gateway } from "@bootstamp/s3-server";
import { buildImage } from "@bootstamp/test-images";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventsOf, runCommand } from "./support/command.ts";
import { digestsIn, specOf, tracesIn, workplace, writeText } from "./support/workplace.ts";

const makers = {
  "image.qcow2": 'qemu-img convert -f raw -O qcow2 -c "$1" "$2"',
  "image.gz": 'gzip -1 -c "$1" > "$2"',
  "image.xz": 'xz -0 -c "$1" > "$2"',
  "image.zst": 'zstd -q -1 -c "$1" > "$2"',
} as const;
const tools = requires("qemu-img", "gzip", "xz", "zstd");

async function tiny(): Promise<string> {
  return (await buildImage("tiny", { boot: "fat16" })).path;
}

async function make(script: string, raw: string, output: string): Promise<string> {
  await run("sh", ["-c", script, "make", raw, output]);
  return output;
}

/** Serves a folder; a file's ETag is another when it was written to. */
async function serve(folder: string, ranges = true): Promise<string> {
  const server: Server = createServer((request, response) => {
    const path = join(folder, basename(request.url ?? ""));
    const { size, mtimeNs } = statSync(path, { bigint: true });
    const length = Number(size);
    const [, from, to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const etag = `"${length}-${mtimeNs}"`;
    if (from === undefined || !ranges) {
      response.writeHead(200, { etag, "content-length": length });
      createReadStream(path).pipe(response);
      return;
    }
    const end = Math.min(to === "" ? Infinity : Number(to), length - 1);
    const headers = {
      etag,
      "content-range": `bytes ${from}-${end}/${length}`,
      "content-length": end + 1 - Number(from),
    };
    response.writeHead(206, headers);
    createReadStream(path, { start: Number(from), end }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function build(image: string, folder: string): Promise<string> {
  const spec = writeText(
    join(folder, "spec.yaml"),
    specOf(image, { output: { compression: { gz: { level: 1 } } } }),
  );
  expect(await runCommand(["build", spec])).toMatchObject({ status: 0, err: "" });
  return join(folder, "out");
}

/** The artifacts, which do not tell what the base came in. */
function artifactsIn(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(digestsIn(folder)).filter(([name]) => name !== "manifest.json"));
}

describe("a base of any kind", tools, () => {
  test("gives the artifacts that the raw one gives; a second build does nothing, a changed one is noticed", async () => {
    const raw = await tiny();
    const folder = workplace();
    const expected = artifactsIn(await build(raw, folder));
    for (const [name, script] of Object.entries(makers)) {
      const place = join(folder, `of-${name}`);
      mkdirSync(place);
      const image = await make(script, raw, join(place, name));
      const out = await build(image, place);
      expect(artifactsIn(out)).toEqual(expected);
      if (name !== "image.qcow2") continue;
      const before = tracesIn(out);
      await build(image, place);
      expect(tracesIn(out)).toEqual(before);
      const other = join(place, "other");
      const bytes = readFileSync(raw);
      bytes.write("another", bytes.length - 1_000_000);
      writeFileSync(other, bytes);
      await make(script, other, image);
      await build(image, place);
      expect(Object.values(artifactsIn(out))).not.toEqual(Object.values(expected));
      // what was unpacked of the other one is gone
      const kept = readdirSync(join(out, ".bootstamp", "bases")).filter((each) => each.endsWith(".raw"));
      expect(kept).toHaveLength(1);
    }
  });

  test("may be on a web server, with ranges or without; its SHA-256 is that of the raw image", async () => {
    const raw = await tiny();
    const folder = workplace();
    const image = await make(makers["image.xz"], raw, join(folder, "image.xz"));
    const output = { compression: { gz: { level: 1 } }, digests: [] };
    const wrong = { image: `${await serve(folder)}/image.xz`, sha256: digestsIn(folder)["image.xz"] };
    const spec = writeText(join(folder, "wrong.yaml"), specOf("", { output, base: wrong }));
    const refused = await runCommand(["build", spec]);
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.err).toContain(`the raw image of ${wrong.image} has SHA-256`);
    const base = { image: `${await serve(folder, false)}/image.xz` };
    const right = writeText(join(folder, "right.yaml"), specOf("", { output, base }));
    const built = await runCommand(["build", right, "--json"]);
    expect(built).toMatchObject({ status: 0, err: "" });
    expect(eventsOf(built).map(({ event }) => event)).toContain("base-unpacked");
    writeFileSync(image, readFileSync(image));
    const again = await runCommand(["build", right, "--json"]);
    expect(eventsOf(again).find(({ event }) => event === "done")).toMatchObject({ made: 0 });
  });

  test("is planned and prepared without being unpacked", async () => {
    const raw = await tiny();
    const folder = workplace();
    const image = await make(makers["image.qcow2"], raw, join(folder, "image.qcow2"));
    const store = { reserve: { files: ["/grub.cfg"] } };
    const texts: string[] = [];
    for (const [name, path] of [
      ["raw", raw],
      ["qcow2", image],
    ] as const) {
      const spec = writeText(join(folder, `${name}.yaml`), specOf(path, { store }));
      const planned = await runCommand(["plan", spec, "--json"]);
      expect(planned).toMatchObject({ status: 0, err: "" });
      texts.push(JSON.stringify(eventsOf(planned).filter(({ event }) => event !== "base")));
      const packed = join(folder, `${name}.gz`);
      expect(await runCommand(["prepare", spec, "-o", packed, "--level", "1"])).toMatchObject({ status: 0 });
    }
    expect(texts[0]).toBe(texts[1]);
    expect(readFileSync(join(folder, "raw.gz")).equals(readFileSync(join(folder, "qcow2.gz")))).toBe(true);
  });
});

describe("what a URL leads to", tools, () => {
  test("is unpacked, verified, compared and stamped as a file is", async () => {
    const raw = await tiny();
    const folder = workplace();
    const base = join(folder, "base.gz");
    expect(await runCommand(["prepare", raw, "-o", base, "--level", "1"])).toMatchObject({ status: 0 });
    for (const [name, script] of Object.entries(makers))
      await make(script, raw, join(folder, `foreign-${name}`));
    const url = await serve(folder);
    const names = readdirSync(folder);
    for (const name of names) {
      const output = join(folder, "unpacked");
      expect(await runCommand(["unpack", `${url}/${name}`, "-o", output])).toMatchObject({
        status: 0,
        err: "",
      });
      await run("cmp", [output, raw]);
      expect(statSync(output).blocks).toBeLessThanOrEqual(statSync(raw).blocks);
      const verified = await runCommand(["verify", `${url}/${name}`]);
      expect(verified).toMatchObject({ status: name.endsWith("qcow2") ? 2 : 0 });
    }
    const edit = ["--write", `/x.txt=${writeText(join(folder, "x"), "x")}`];
    const stamped = join(folder, "stamped.gz");
    expect(await runCommand(["stamp", `${url}/base.gz`, ...edit, "-o", stamped])).toMatchObject({
      status: 0,
    });
    const local = join(folder, "local.gz");
    expect(await runCommand(["stamp", base, ...edit, "-o", local])).toMatchObject({ status: 0 });
    expect(readFileSync(stamped).equals(readFileSync(local))).toBe(true);
    const stamp = join(folder, "x.stamp");
    const compared = await runCommand([
      "diff",
      `${url}/foreign-image.qcow2`,
      `${url}/stamped.gz`,
      "-o",
      stamp,
    ]);
    expect(compared).toMatchObject({ status: 0, err: "" });
    expect(await runCommand(["stamp", "--verify", `${url}/stamped.gz`, stamp, "--full"])).toMatchObject({
      status: 0,
    });
    const variant = join(folder, "variant.raw");
    expect(await runCommand(["stamp", `${url}/foreign-image.gz`, stamp, "-o", variant])).toMatchObject({
      status: 0,
    });
    await run("sh", ["-c", 'gzip -dc "$1" | cmp - "$2"', "sh", stamped, variant]);
    const refused = await runCommand(["stamp", `${url}/base.gz`, ...edit, "--in-place"]);
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.err).toContain("--in-place changes a file");
  });

  test("is not taken for what it was when it is another", async () => {
    const folder = workplace();
    copyFileSync(await tiny(), join(folder, "disk.raw"));
    const url = `${await serve(folder)}/disk.raw`;
    const out = await build(url, folder);
    const before = tracesIn(out);
    await build(url, folder);
    expect(tracesIn(out)).toEqual(before);
    const bytes = readFileSync(join(folder, "disk.raw"));
    bytes.write("another", bytes.length - 1_000_000);
    writeFileSync(join(folder, "disk.raw"), bytes);
    const artifacts = artifactsIn(out);
    await build(url, folder);
    expect(artifactsIn(out)).not.toEqual(artifacts);
  });

  test("damaged, leaves nothing behind", async () => {
    const folder = workplace();
    const bytes = readFileSync(await make(makers["image.gz"], await tiny(), join(folder, "image.gz")));
    for (const [name, damaged] of [
      ["short.gz", bytes.subarray(0, -5000)],
      ["bent.gz", Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(4), bytes.subarray(-4)])],
    ] as const) {
      writeFileSync(join(folder, name), damaged);
      const place = join(folder, "place");
      mkdirSync(place, { recursive: true });
      for (const words of [
        ["unpack", join(folder, name), "-o", join(place, "x")],
        ["verify", join(folder, name)],
      ]) {
        const outcome = await runCommand(words);
        expect(outcome).toMatchObject({ status: 1 });
        expect(outcome.err).toContain(`${name}: the gzip file is damaged`);
      }
      expect(readdirSync(place)).toEqual([]);
    }
  });
});

describe("an object in S3", requires(...gatewayTools), () => {
  let gateway: Gateway | undefined;

  beforeAll(async () => {
    gateway = await startGateway();
    process.env["AWS_ACCESS_KEY_ID"] = gateway.accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = gateway.secretAccessKey;
    process.env["AWS_ENDPOINT_URL_S3"] = gateway.endpoint;
    const store = await openStore({ bucket: "bases", endpoint: gateway.endpoint });
    const { client, sdk } = store;
    await client.send(new sdk.CreateBucketCommand({ Bucket: "bases" }));
    const Body = readFileSync(await tiny());
    await client.send(new sdk.PutObjectCommand({ Bucket: "bases", Key: "os/tiny disk.raw", Body }));
    store.close();
  });
  afterAll(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await gateway?.stop();
  });

  test("is looked into, unpacked and built from", async () => {
    const raw = await tiny();
    const folder = workplace();
    const url = "s3://bases/os/tiny disk.raw";
    const { out: listed } = await runCommand(["ls", raw]);
    expect(await runCommand(["ls", url])).toMatchObject({ status: 0, err: "", out: listed });
    const output = join(folder, "unpacked");
    expect(await runCommand(["unpack", url, "-o", output])).toMatchObject({ status: 0, err: "" });
    await run("cmp", [output, raw]);
    const out = await build(url, folder);
    const before = tracesIn(out);
    await build(url, folder);
    expect(tracesIn(out)).toEqual(before);
  });

  test("that is not there, or not named, is told of without secrets", async () => {
    const missing = await runCommand(["ls", "s3://bases/nothing"]);
    expect(missing).toMatchObject({ status: 1, out: "" });
    expect(missing.err).toContain("s3://bases/nothing");
    expect(missing.err).not.toContain(gateway?.secretAccessKey);
    expect(await runCommand(["ls", "s3://bases"])).toMatchObject({ status: 1, out: "" });
  });
});
