// A build does what is not done yet, and nothing else.
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { eventsOf, runCommand, type Event } from "../support/command.ts";
import { copyOf, digestsIn, editsOf, specOf, tracesIn, workplace, writeText } from "../support/workplace.ts";

const { path: tiny } = await buildImage("tiny");

interface Built {
  /** The artifacts that were stamped anew. */
  readonly made: readonly unknown[];
  readonly pressed: readonly unknown[];
  readonly warnings: readonly unknown[];
}

async function build(spec: string, environment: Readonly<Record<string, string>> = {}): Promise<Built> {
  const outcome = await runCommand(["build", spec, "--json"], { environment });
  expect(outcome).toMatchObject({ status: 0, err: "" });
  const events = eventsOf(outcome);
  const of = (name: string): Event[] => events.filter(({ event }) => event === name);
  return {
    made: of("artifact").flatMap(({ made, file }) => (made === true ? [file] : [])),
    pressed: of("pressed").flatMap(({ reused, format }) => (reused === true ? [] : [format])),
    warnings: of("warning").map(({ message }) => message),
  };
}

const nothing = { made: [], pressed: [], warnings: [] };

test("a second build touches no file and says that there was nothing to do", async () => {
  const folder = workplace();
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny, { output: { bmap: true } }));
  expect(await build(spec)).toMatchObject({ made: ["aws.raw.gz", "azure.raw.gz"], pressed: ["gz"] });
  const before = tracesIn(join(folder, "out"));
  const outcome = await runCommand(["build", spec]);
  expect(outcome.out).toContain("nothing to do: 2 artifacts");
  expect(tracesIn(join(folder, "out"))).toEqual(before);
});

test("what is deleted, cut or written to by hand is made again, and only that", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny, { output: { bmap: true } }));
  await build(spec);
  const good = digestsIn(out);
  rmSync(join(out, "aws.raw.gz"));
  expect(await build(spec)).toEqual({ ...nothing, made: ["aws.raw.gz"] });
  truncateSync(join(out, "azure.raw.gz"), 1000);
  expect(await build(spec)).toEqual({ ...nothing, made: ["azure.raw.gz"] });
  for (const name of ["aws.raw.gz.bmap", "manifest.json", "SHA256SUMS"]) {
    rmSync(join(out, name));
    expect(await build(spec)).toEqual(nothing);
  }
  for (const name of ["aws.raw.gz.bmap", "SHA256SUMS"]) {
    appendFileSync(join(out, name), "x");
    expect(await build(spec)).toEqual(nothing);
  }
  expect(digestsIn(out)).toEqual(good);
});

test("a damaged stampable image, patch or ledger in the workshop spoils nothing", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny));
  await build(spec);
  const good = digestsIn(out);
  const [base = ""] = readdirSync(join(out, ".bootstamp/bases"));
  flip(join(out, ".bootstamp/bases", base), 5000);
  rmSync(join(out, "aws.raw.gz"));
  expect(await build(spec)).toMatchObject({ made: ["aws.raw.gz"], pressed: ["gz"] });
  for (const patch of readdirSync(join(out, ".bootstamp/patches"))) {
    flip(join(out, ".bootstamp/patches", patch), 300);
  }
  rmSync(join(out, "aws.raw.gz"));
  expect(await build(spec)).toMatchObject({ made: ["aws.raw.gz"], pressed: [] });
  const ledger = join(out, ".bootstamp/ledger.jsonl");
  writeFileSync(ledger, readFileSync(ledger, "utf8").slice(0, -200));
  await build(spec);
  rmSync(join(out, ".bootstamp"), { recursive: true });
  await build(spec);
  expect(digestsIn(out)).toEqual(good);
});

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** A spec whose second variant writes another marker, and more. */
function withAzure(marker: string, more: readonly object[] = []): string {
  const variants = [
    { name: "aws", edits: editsOf("aws") },
    { name: "azure", edits: [...editsOf(marker), ...more] },
  ];
  return specOf(tiny, { variants });
}

function withVariants(...names: string[]): string {
  return specOf(tiny, { variants: names.map((name) => ({ name, edits: editsOf(name) })) });
}

test("a changed variant rebuilds itself alone, unless it reaches blocks that were not stored", async () => {
  const folder = workplace();
  const spec = join(folder, "spec.yaml");
  writeText(spec, withAzure("azure"));
  await build(spec);
  writeText(spec, withAzure("other"));
  expect(await build(spec)).toEqual({ ...nothing, made: ["azure.raw.gz"] });
  writeText(spec, withAzure("other", [{ write: { path: "/new.txt", content: "x" } }]));
  expect(await build(spec)).toEqual({ ...nothing, pressed: ["gz"], made: ["aws.raw.gz", "azure.raw.gz"] });
  expect(readdirSync(join(folder, "out/.bootstamp/bases"))).toHaveLength(1);
});

test("a variant that is added is made, one that is removed stays and is named", async () => {
  const folder = workplace();
  const spec = join(folder, "spec.yaml");
  writeText(spec, withVariants("aws", "azure"));
  await build(spec);
  writeText(spec, withVariants("azure", "gcp"));
  const stray = expect.stringContaining("aws.raw.gz");
  expect(await build(spec)).toEqual({ made: ["gcp.raw.gz"], pressed: [], warnings: [stray] });
  expect(await build(spec)).toEqual({ ...nothing, warnings: [stray] });
  const sums = readFileSync(join(folder, "out/SHA256SUMS"), "utf8");
  expect(sums).not.toContain("aws");
  writeText(spec, withVariants("aws", "azure", "gcp"));
  expect(await build(spec)).toEqual(nothing);
  writeText(spec, withVariants("azure"));
  rmSync(join(folder, "out/aws.raw.gz"));
  rmSync(join(folder, "out/gcp.raw.gz"));
  expect(await build(spec)).toEqual(nothing);
});

test("digests and bmaps are added without stamping again, and go without being left to lie", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = join(folder, "spec.yaml");
  writeText(spec, specOf(tiny, { output: { digests: [] } }));
  await build(spec);
  expect(existsSync(join(out, "SHA256SUMS"))).toBe(false);
  const trace = tracesIn(out)["aws.raw.gz"];
  writeText(spec, specOf(tiny, { output: { digests: ["sha256"] } }));
  expect(await build(spec)).toEqual(nothing);
  writeText(spec, specOf(tiny, { output: { bmap: true } }));
  expect(await build(spec)).toEqual(nothing);
  expect(tracesIn(out)["aws.raw.gz"]).toBe(trace);
  expect(Object.keys(digestsIn(out))).toEqual([
    "SHA256SUMS",
    "aws.raw.gz",
    "aws.raw.gz.bmap",
    "azure.raw.gz",
    "azure.raw.gz.bmap",
    "manifest.json",
  ]);
  const variants = ["aws", "azure"].map((name) => ({ name, edits: editsOf(`${name}2`) }));
  writeText(spec, specOf(tiny, { output: { digests: [] }, variants }));
  expect(await build(spec)).toMatchObject({ made: ["aws.raw.gz", "azure.raw.gz"] });
  expect(Object.keys(digestsIn(out))).toEqual(["aws.raw.gz", "azure.raw.gz", "manifest.json"]);
});

test("another SOURCE_DATE_EPOCH makes other artifacts, in the same directory too", async () => {
  const folder = workplace();
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny));
  await build(spec, { SOURCE_DATE_EPOCH: "1000000000" });
  const first = digestsIn(join(folder, "out"));
  expect(await build(spec, { SOURCE_DATE_EPOCH: "1100000000" })).toMatchObject({
    made: ["aws.raw.gz", "azure.raw.gz"],
  });
  expect(digestsIn(join(folder, "out"))["aws.raw.gz"]).not.toBe(first["aws.raw.gz"]);
  await build(spec, { SOURCE_DATE_EPOCH: "1000000000" });
  expect(digestsIn(join(folder, "out"))).toEqual(first);
});

test("a base that is written to is read anew; one that only was touched makes nothing new", async () => {
  const folder = workplace();
  const base = copyOf(tiny, join(folder, "base.img"));
  const spec = writeText(join(folder, "spec.yaml"), specOf("base.img"));
  await build(spec);
  copyOf(tiny, base);
  expect(await build(spec)).toEqual(nothing);
  // In the root partition, which no variant edits.
  flip(base, statSync(base).size - 2_000_000);
  expect(await build(spec)).toMatchObject({ made: ["aws.raw.gz", "azure.raw.gz"], pressed: ["gz"] });
});

test("the workshop is for its owner alone", async () => {
  const folder = workplace();
  await build(writeText(join(folder, "spec.yaml"), specOf(tiny)));
  expect(statSync(join(folder, "out/.bootstamp")).mode & 0o777).toBe(0o700);
});

test("the records are withdrawn before an artifact that they list is replaced", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny, { output: { bmap: true } }));
  await build(spec);
  const variants = ["aws", "azure"].map((name) => ({ name, edits: editsOf(`${name}2`) }));
  writeText(spec, specOf(tiny, { output: { bmap: true }, variants }));
  const abort = new AbortController();
  const stopping = runCommand(["build", spec], { signal: abort.signal });
  const name = join(out, "aws.raw.gz");
  const before = statSync(name).ino;
  while (statSync(name).ino === before) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  expect(
    ["manifest.json", "SHA256SUMS", "aws.raw.gz.bmap"].filter((each) => existsSync(join(out, each))),
  ).toEqual([]);
  expect(await stopping).toMatchObject({ status: 130 });
  expect((await build(spec)).made.length).toBeLessThanOrEqual(1);
});
