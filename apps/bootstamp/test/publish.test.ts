// What a build made, as objects of a real S3 server.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, pinObject, objectSource } from "@bootstamp/publish";
import { gatewayTools, startGateway, type Gateway } from "@bootstamp/s3-server";
import { buildImage } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Manifest } from "../src/build/manifest.ts";
import { eventsOf, runCommand, type Event, type Outcome } from "./support/command.ts";
import { editsOf, specOf, workplace, writeText } from "./support/workplace.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const guard = requires(...gatewayTools);

describe("publish", guard, () => {
  let gateway: Gateway | undefined;
  let words: readonly string[] = [];

  beforeAll(async () => {
    gateway = await startGateway();
    process.env["AWS_ACCESS_KEY_ID"] = gateway.accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = gateway.secretAccessKey;
    const store = await openStore({ bucket: "images", endpoint: gateway.endpoint });
    await store.client.send(new store.sdk.CreateBucketCommand({ Bucket: "images" }));
    store.close();
    words = ["--bucket", "images", "--prefix", "os/", "--endpoint", gateway.endpoint, "--json"];
  });
  afterAll(async () => await gateway?.stop());

  test("composes variants on the server, once, and says what it would do", async () => {
    const info = await buildImage("debian-sdboot");
    const folder = workplace();
    const variants = ["aws", "azure"].map((name) => ({ name, edits: editsOf(name) }));
    const output = { formats: ["gz", "zst"] };
    const spec = writeText(join(folder, "spec.yaml"), specOf(info.path, { output, variants }));
    expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
    const out = join(folder, "out");
    const planned = await runCommand(["publish", out, ...words, "--dry-run"]);
    expect(planned).toMatchObject({ status: 0, err: "" });
    const plan = eventNamed(planned, "publish-plan");
    const published = await runCommand(["publish", out, ...words, "--release", "one"]);
    expect(published).toMatchObject({ status: 0, err: "" });
    const event = eventNamed(published, "published");
    expect(event).toMatchObject({ event: "published", release: "one", presentCount: 0 });
    expect(event?.["copiedBytes"]).toBeGreaterThan(Number(event?.["uploadedBytes"]));
    // latest.json and the texts have other lengths where the release has another name
    expect(Math.abs(Number(event?.["uploadedBytes"]) - Number(plan?.["uploadedBytes"]))).toBeLessThan(1000);
    const manifest: Manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
    const store = await openStore({ bucket: "images", prefix: "os/", endpoint: gateway?.endpoint ?? "" });
    for (const { file, length, sha256 } of manifest.artifacts) {
      const source = objectSource(store, await pinObject(store, `one/${file}`));
      expect(source.length).toBe(length);
      const bytes = await source.read(0, source.length);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    }
    store.close();
    const again = await runCommand(["publish", out, ...words, "--release", "one"]);
    const second = eventNamed(again, "published");
    expect(second).toMatchObject({ event: "published", uploadedBytes: 0, copiedBytes: 0 });
  });

  test("refuses what was not built, and what is wrong, without telling secrets", async () => {
    expect(await runCommand(["publish", workplace(), ...words])).toMatchObject({ status: 2 });
    const secret = process.env["AWS_SECRET_ACCESS_KEY"] ?? "";
    const nowhere = ["publish", workplace(), "--bucket", "x", "--endpoint", "http://user:pass@127.0.0.1:1"];
    const refused = await runCommand(nowhere);
    expect(refused.status).not.toBe(0);
    expect(refused.err).not.toContain("pass");
    expect(refused.err).not.toContain(secret);
  });
});

function eventNamed(outcome: Outcome, name: string): Event | undefined {
  return eventsOf(outcome).find(({ event }) => event === name);
}
