// What a build makes of its variants beside artifacts, or in their place: stamps, and the base that they are for.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import type { Manifest } from "../../src/build/manifest.ts";
import { eventsOf, runCommand, startCommand } from "../support/command.ts";
import { digestsIn, editsOf, specOf, tracesIn, workplace, writeText } from "../support/workplace.ts";

const { path: tiny } = await buildImage("tiny");

const endings: Readonly<Record<string, string>> = { gz: "gzip", xz: "xz", zst: "zstd" };
const formats = Object.keys(endings);
const digests = ["sha256", "raw-sha256", "fsverity", "raw-fsverity"];
const bases = formats.map((ending) => `disk.img.${ending}`);

function writeSpec(folder: string, output: Readonly<Record<string, unknown>>): string {
  return writeText(join(folder, "spec.yaml"), specOf(tiny, { output: { name: "{{ variant }}", ...output } }));
}

async function build(spec: string, ...words: readonly string[]): Promise<void> {
  expect(await runCommand(["build", spec, ...words])).toMatchObject({ status: 0, err: "" });
}

function manifestIn(out: string): Manifest {
  return JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
}

async function fsverity(path: string): Promise<string> {
  return (await run("fsverity", ["digest", "--compact", path])).trim();
}

test(
  "stamps alone, and their base, give what a build without them makes, in every format",
  requires("gzip", "xz", "zstd", "sha256sum", "fsverity"),
  async () => {
    const folder = workplace();
    const [out, only] = [join(folder, "out"), join(folder, "only")];
    const spec = writeSpec(folder, { formats, digests });
    await build(spec);
    await build(spec, "--stamps-only", "-o", only);
    await run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: only });
    const files = ["SHA256SUMS", "aws.stamp", "azure.stamp", ...bases, "manifest.json"];
    expect(Object.keys(digestsIn(only)).toSorted()).toEqual(files.toSorted());
    const { stamps = [], artifacts } = manifestIn(only);
    expect(artifacts).toEqual([]);
    const foretold = stamps.flatMap(({ variant, artifacts: own = [] }) =>
      own.map((each) => ({ variant, ...each, file: `${variant}.${each.format}` })),
    );
    expect(foretold).toEqual(manifestIn(out).artifacts);
    const aws = stamps[0]?.artifacts ?? [];
    for (const [index, format] of formats.entries()) {
      const artifact = join(folder, `made.${format}`);
      const words = ["stamp", join(only, `disk.img.${format}`), join(only, "aws.stamp"), "-o", artifact];
      expect(await runCommand(words)).toMatchObject({ status: 0, err: "" });
      await run("cmp", [artifact, join(out, `aws.${format}`)]);
      const verified = await runCommand(["verify", artifact, "--stamp", join(only, "aws.stamp"), "--full"]);
      expect(verified.out).toContain("by SHA-256 of the artifact");
      expect(await fsverity(artifact)).toBe(aws[index]?.fsverity);
      const raw = join(folder, "made.raw");
      writeFileSync(raw, await runBytes(endings[format] ?? "", ["-dc", artifact]));
      expect(await fsverity(raw)).toBe(aws[index]?.rawFsverity);
      const base = await runBytes(endings[format] ?? "", ["-dc", join(only, `disk.img.${format}`)]);
      expect(base.equals(readFileSync(tiny))).toBe(true);
    }
  },
);

test("a stamp says what the artifact of each format must be, and is what `diff` finds", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = writeSpec(folder, { formats, digests, stamps: true });
  await build(spec);
  const flagged = join(folder, "flagged");
  await build(writeSpec(folder, { formats, digests }), "--stamps", "-o", flagged);
  expect(digestsIn(flagged)).toEqual(digestsIn(out));
  const [list] = eventsOf(await runCommand(["stamp", "--list", join(out, "aws.stamp"), "--json"]));
  const expected = manifestIn(out)
    .artifacts.filter(({ variant }) => variant === "aws")
    .map(({ format, length, sha256, fsverity: verity }) => ({ format, length, sha256, fsverity: verity }));
  expect(list?.["artifacts"]).toMatchObject(expected);
  const other = join(folder, "aws.stamp");
  const words = ["diff", tiny, join(out, "aws.zst"), "-o", other];
  expect(await runCommand(words)).toMatchObject({ status: 0 });
  const [diffed] = eventsOf(await runCommand(["stamp", "--list", other, "--json"]));
  for (const key of ["name", "base", "result", "runs"]) expect(diffed?.[key]).toEqual(list?.[key]);
});

test("beside artifacts or alone, stamps are made once, and made again where they are gone", async () => {
  const folder = workplace();
  for (const stamps of [true, "only"]) {
    const out = join(folder, `out ${stamps}`);
    const spec = writeSpec(folder, { stamps, digests: ["fsverity"] });
    await build(spec, "-o", out);
    const before = tracesIn(out);
    const again = await runCommand(["build", spec, "-o", out]);
    expect(again.out).toContain("nothing to do");
    expect(tracesIn(out)).toEqual(before);
    const good = digestsIn(out);
    for (const name of ["aws.stamp", ...(stamps === "only" ? ["disk.img.gz"] : [])]) {
      rmSync(join(out, name));
      await build(spec, "-o", out);
      expect(digestsIn(out)).toEqual(good);
    }
    writeFileSync(join(out, "azure.stamp"), "not one");
    await build(spec, "-o", out);
    rmSync(join(out, ".bootstamp"), { recursive: true });
    await build(spec, "-o", out);
    expect(digestsIn(out)).toEqual(good);
  }
});

test("killed on the way, a build of stamps leaves nothing half-made, and the next one goes on", async () => {
  const folder = workplace();
  const spec = writeSpec(folder, { stamps: "only" });
  await build(spec, "-o", join(folder, "good"));
  const good = digestsIn(join(folder, "good"));
  for (const event of ["foretold", "stamp-file"]) {
    const out = join(folder, event);
    const { child, outcome } = startCommand(["build", spec, "-o", out, "--json"]);
    child.stdout?.on("data", (text: string) => {
      if (text.includes(`{"event":"${event}"`)) child.kill("SIGKILL");
    });
    await outcome;
    const left = Object.entries(digestsIn(out)).filter(([name]) => !name.endsWith(".partial"));
    for (const [name, digest] of left) expect([name, digest]).toEqual([name, good[name]]);
    await build(spec, "-o", out);
    expect(digestsIn(out)).toEqual(good);
  }
});

test("a variant that changes makes its stamp alone anew; what is no longer made is told of", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  await build(writeSpec(folder, { stamps: true }));
  const before = tracesIn(out);
  const variants = [
    { name: "aws", edits: editsOf("aws") },
    { name: "azure", edits: editsOf("azurE") },
  ];
  const output = { name: "{{ variant }}", stamps: "only" };
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny, { output, variants }));
  const outcome = await runCommand(["build", spec]);
  expect(outcome).toMatchObject({ status: 0 });
  expect(outcome.err).toContain("aws.gz, azure.gz");
  const after = tracesIn(out);
  expect(after["azure.stamp"]).not.toBe(before["azure.stamp"]);
  expect(existsSync(join(out, "aws.gz"))).toBe(true);
});

test("the base for stamps replaces no file that somebody else put there", async () => {
  const folder = workplace();
  const out = join(folder, "out");
  const spec = writeSpec(folder, { stamps: "only" });
  writeText(join(out, "disk.img.gz"), "as it was downloaded");
  const outcome = await runCommand(["build", spec]);
  expect(outcome).toMatchObject({ status: 1 });
  expect(outcome.err).toContain("was not made by bootstamp");
  expect(readFileSync(join(out, "disk.img.gz"), "utf8")).toBe("as it was downloaded");
});

test("verify looks at all that a manifest lists", requires("gzip"), async () => {
  const folder = workplace();
  const out = join(folder, "out");
  await build(writeSpec(folder, { stamps: "only" }));
  const words = ["verify", out];
  expect(await runCommand(words)).toMatchObject({ status: 0, err: "" });
  const stamp = readFileSync(join(out, "aws.stamp"));
  writeFileSync(join(out, "aws.stamp"), readFileSync(join(out, "azure.stamp")));
  const other = await runCommand(words);
  expect(other).toMatchObject({ status: 1 });
  expect(other.out).toContain("aws.stamp: length is");
  writeFileSync(join(out, "aws.stamp"), stamp.subarray(0, -1));
  expect(await runCommand(words)).toMatchObject({ status: 1 });
  writeFileSync(join(out, "aws.stamp"), stamp);
  expect(await runCommand(words)).toMatchObject({ status: 0 });
  const base = readFileSync(join(out, "disk.img.gz"));
  base[5000] = (base[5000] ?? 0) ^ 1;
  writeFileSync(join(out, "disk.img.gz"), base);
  expect(await runCommand(words)).toMatchObject({ status: 1 });
  expect(statSync(join(out, "aws.stamp")).size).toBeLessThan(4096);
});
