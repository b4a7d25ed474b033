// What several jobs make, each on a machine of its own, is what one build makes.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { requires, runBytes } from "@bootstamp/witnesses";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../src/build/manifest.ts";
import { eventsOf, runCommand, type Outcome } from "../support/command.ts";
import { copyOf, digestsIn, specOf, workplace, writeText } from "../support/workplace.ts";

const { path: tiny } = await buildImage("tiny");

/** Variants that touch files of their own: none of them touches all that has to be stored. */
const variants = [
  { name: "plain" },
  {
    name: "pi-{{ row.serial }}",
    rows: ["0012", "0013", "0014", "0015"].map((serial) => ({ serial })),
    edits: [
      { kargs: { append: ["serial={{ row.serial }}"] } },
      { write: { path: "/{{ row.serial }}.txt", content: "{{ secret.word }} {{ row.serial }}\n" } },
    ],
  },
];

const root = mkdtempSync(join(tmpdir(), "bootstamp-shards-"));
afterAll(() => rmSync(root, { recursive: true }));
let machines = 0;

/** A machine: a folder with the base and the spec, and nothing else. */
function machine(): string {
  const folder = join(root, `machine ${machines++}`);
  mkdirSync(folder);
  copyOf(tiny, join(folder, "base.raw"));
  const output = { bmap: true, stamps: true };
  const secrets = { word: { env: "WORD" } };
  writeText(join(folder, "spec.yaml"), specOf("base.raw", { output, secrets, variants }));
  return folder;
}

/** Runs a command on a machine's spec. */
async function runOn(folder: string, command: string, ...words: readonly string[]): Promise<Outcome> {
  return await runCommand([command, join(folder, "spec.yaml"), ...words]);
}

/** Builds on a machine, and returns its output directory. */
async function build(folder: string, ...words: readonly string[]): Promise<string> {
  expect(await runOn(folder, "build", ...words)).toMatchObject({ status: 0, err: "" });
  return join(folder, "out");
}

async function refuse(words: readonly string[], message: RegExp): Promise<void> {
  const outcome = await runCommand(["collect", ...words]);
  expect(outcome.status).toBe(1);
  expect(outcome.err).toMatch(/^error: /);
  expect(outcome.err).toMatch(message);
  expect(outcome.err).not.toMatch(/unforeseen|internal error/);
}

let wholeFolder = "";
let whole: Record<string, string> = {};
let shards: readonly string[] = [];

beforeAll(async () => {
  process.env["WORD"] = "sesame";
  wholeFolder = machine();
  whole = digestsIn(await build(wholeFolder));
  const made: string[] = [];
  for (const shard of ["1/3", "2/3", "3/3"]) made.push(await build(machine(), "--shard", shard));
  shards = made;
});

/** Copies of the shards' output directories, as a CI system hands them over: without what is hidden. */
function fetched(): string[] {
  const folder = workplace();
  return shards.map((from, index) => {
    const to = join(folder, `shard ${index + 1}`);
    cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith("/.bootstamp") });
    return to;
  });
}

function rewrite(from: string, to: string): (path: string, directory: string) => void {
  return (_path, directory) => {
    const path = join(directory, "manifest.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
  };
}

function isNotPlain({ variant }: { readonly variant: string }): boolean {
  return variant !== "plain";
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
}

test("shards that were built apart come to what one build makes, byte for byte", async () => {
  const release = join(workplace(), "release");
  const outcome = await runCommand(["collect", ...fetched().toReversed(), "-o", release]);
  expect(outcome).toMatchObject({ status: 0, err: "" });
  expect(outcome.out).toContain("collected 5 artifacts");
  expect(digestsIn(release)).toEqual(whole);
  expect(await runCommand(["verify", release])).toMatchObject({ status: 0, err: "" });
  const sizes = shards.map((shard) => manifestIn(shard).artifacts.length);
  expect(sizes).toEqual([1, 2, 2]);
});

test(
  "a secret is in the artifacts, and in nothing that is printed or kept beside them",
  requires("gzip"),
  async () => {
    const secret = process.env["WORD"] ?? "";
    for (const words of [[], ["--json"]]) {
      const folder = machine();
      const outcome = await runOn(folder, "build", ...words);
      expect(outcome).toMatchObject({ status: 0 });
      const out = join(folder, "out");
      const { artifacts } = manifestIn(out);
      const holders = artifacts.filter(isNotPlain).map(({ file }) => file);
      for (const file of holders) {
        expect(String(await runBytes("gzip", ["-dc", join(out, file)]))).toContain(`${secret} 00`);
      }
      expect(outcome.out + outcome.err).not.toContain(secret);
      // The patches that wait there are the variants' own bytes, as the artifacts are.
      const texts = ["manifest.json", "SHA256SUMS", ".bootstamp/ledger.jsonl"];
      for (const name of texts) expect(readFileSync(join(out, name), "utf8")).not.toContain(secret);
      expect(readFileSync(join(out, ".bootstamp/ledger.jsonl"), "utf8")).toContain(holders[0]);
    }
  },
);

test("moved shards come to the same, and a second run over what is there too", async () => {
  const directories = fetched();
  const release = join(workplace(), "release");
  const words = ["collect", ...directories, "--move", "-o", release];
  // As if a first run had been killed between two files.
  const [first = ""] = manifestIn(directories[0] ?? "").artifacts.map(({ file }) => file);
  mkdirSync(release);
  renameSync(join(directories[0] ?? "", first), join(release, first));
  for (const _ of [1, 2]) expect(await runCommand(words)).toMatchObject({ status: 0, err: "" });
  expect(digestsIn(release)).toEqual(whole);
  expect(directories.flatMap((directory) => readdirSync(directory))).not.toContain(first);
});

test("a base that is prepared once is what every shard takes", async () => {
  const bases = join(workplace(), "bases");
  expect(await runOn(machine(), "prepare", "-o", `${bases}/`)).toMatchObject({ status: 0, err: "" });
  const before = digestsIn(bases);
  const again = await runOn(machine(), "prepare", "-o", bases, "--json");
  expect(eventsOf(again).find(({ event }) => event === "prepared")).toMatchObject({ reused: true });
  expect(digestsIn(bases)).toEqual(before);

  const folder = machine();
  const outcome = await runOn(folder, "build", "--shard", "2/3", "--bases", bases, "--json");
  expect(outcome).toMatchObject({ status: 0, err: "" });
  const pressed = eventsOf(outcome).filter(({ event }) => event === "pressed");
  expect(pressed.map(({ reused }) => reused)).toEqual([true]);
  expect(eventsOf(outcome).filter(({ event }) => event === "warning")).toEqual([]);
  expect(digestsIn(join(folder, "out"))).toEqual(digestsIn(shards[1] ?? ""));

  // What publish composes variants of.
  const release = join(workplace(), "release");
  const words = ["collect", ...fetched(), "--bases", bases, "-o", release];
  expect(await runCommand(words)).toMatchObject({ status: 0, err: "" });
  const kept = readdirSync(join(release, ".bootstamp/bases"));
  expect(kept.toSorted()).toEqual(readdirSync(bases).filter((name) => !name.endsWith(".json")));
});

test("single variants are collected as shards are, and more shards than variants do no harm", async () => {
  const one = await build(machine(), "--variant", "pi-0013");
  const names = ["pi-0015", "plain", "pi-0014", "pi-0012"];
  const others = await build(machine(), ...names.flatMap((name) => ["--variant", name]));
  const empty = await build(machine(), "--shard", "1/6");
  expect(manifestIn(empty)).toMatchObject({ stampables: [], artifacts: [] });
  const release = join(workplace(), "release");
  expect(await runCommand(["collect", one, empty, others, "-o", release])).toMatchObject({
    status: 0,
    err: "",
  });
  expect(digestsIn(release)).toEqual(whole);
});

test("one shard of one is the whole, and collect takes it as it is", async () => {
  const only = await build(wholeFolder, "--shard", "1/1");
  expect(digestsIn(only)).toEqual(whole);
  const release = join(workplace(), "release");
  expect(await runCommand(["collect", only, "-o", release])).toMatchObject({ status: 0, err: "" });
  expect(digestsIn(release)).toEqual(whole);
});

test("what is missing, double or of another release is refused, and nothing is left", async () => {
  const [one = "", two = "", three = ""] = fetched();
  const release = join(workplace(), "release");
  const to = ["-o", release];
  await refuse([one, three, ...to], /2 of 5 variants are in none of the directories: pi-0012, pi-0013/);
  await refuse(
    [one, two, two, three, ...to],
    /variant "pi-0012" as \.gz is both in .*shard 2 and in .*shard 2/,
  );
  await refuse([one, two, workplace(), ...to], /has no manifest\.json: its build did not come to an end/);
  process.env["WORD"] = "another";
  const others = await build(machine(), "--shard", "3/3");
  process.env["WORD"] = "sesame";
  await refuse(
    [one, two, others, ...to],
    /different specs, tables, secrets, engines or values of SOURCE_DATE/,
  );
  expect(existsSync(release)).toBe(false);
  expect(await runCommand(["collect", one, two, three, "-o", one])).toMatchObject({ status: 2 });
});

test("an artifact that was cut, changed, lost or led astray on the way is refused", async () => {
  const release = join(workplace(), "release");
  const [file = ""] = manifestIn(shards[2] ?? "").artifacts.map((record) => record.file);
  const spoil = async (work: (path: string, directory: string) => void, message: RegExp): Promise<void> => {
    const directories = fetched();
    work(join(directories[2] ?? "", file), directories[2] ?? "");
    await refuse([...directories, "-o", release], message);
    expect(existsSync(join(release, "manifest.json"))).toBe(false);
    expect(existsSync(join(release, file))).toBe(false);
  };
  const notIt = /is not there, or not what the manifest beside it says/;
  await spoil((path) => rmSync(path), notIt);
  await spoil((path) => writeFileSync(path, readFileSync(path).subarray(0, -1)), notIt);
  await spoil((path) => {
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(3000) ^ 0x10, 3000);
    writeFileSync(path, bytes);
  }, notIt);
  await spoil((path) => {
    renameSync(path, `${path}.elsewhere`);
    symlinkSync(`${path}.elsewhere`, path);
  }, notIt);
  await spoil(rewrite(`"${file}"`, '"../../etc/passwd"'), /has the file name "\.\.\/\.\.\/etc\/passwd"/);
  await spoil(rewrite(`"${file}"`, '".bootstamp"'), /has the file name/);
  await spoil(rewrite('"identity": "', '"identity": "../'), /is not a manifest of bootstamp/);
});

test("a part of a release is not published", async () => {
  const outcome = await runCommand(["publish", shards[0] ?? "", "--bucket", "x", "--dry-run"]);
  expect(outcome.status).toBe(2);
  expect(outcome.err).toContain("publish what collect makes of all its parts");
});

test("a release that leads out of its directory is not published", async () => {
  const directory = workplace();
  const publishing = ["publish", directory, "--bucket", "x", "--dry-run"];
  const record = { variant: "a", identity: "0", file: "a.gz", format: "gz", length: 4, rawLength: 4 };
  const manifest = { manifest: 1, generator: "x", base: {}, stampables: [], artifacts: [record] };
  for (const file of ["../../etc/passwd", "/etc/passwd", ".bootstamp", "..", "a\0b"]) {
    for (const artifact of [{ file }, { bmap: file }]) {
      const text = JSON.stringify({ ...manifest, artifacts: [{ ...record, ...artifact }] });
      writeFileSync(join(directory, "manifest.json"), text);
      const refused = await runCommand(publishing);
      expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("it has the file name") });
    }
  }
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  symlinkSync("/etc/passwd", join(directory, "a.gz"));
  const refused = await runCommand(publishing);
  expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("a.gz is a link") });
});

test("a directory of other things is left alone, and an artifact of an earlier release is told of", async () => {
  const release = workplace();
  writeFileSync(join(release, "manifest.json"), "{}");
  await refuse([...fetched(), "-o", release], /was not made by bootstamp/);
  rmSync(join(release, "manifest.json"));
  expect(await runCommand(["collect", ...shards, "-o", release])).toMatchObject({ status: 0 });
  const other = workplace();
  cpSync(join(wholeFolder, "out"), other, { recursive: true });
  const { artifacts, stamps = [], ...manifest } = manifestIn(other);
  const kept = { artifacts: artifacts.filter(isNotPlain), stamps: stamps.filter(isNotPlain) };
  writeFileSync(join(other, "manifest.json"), JSON.stringify({ ...manifest, ...kept }));
  const outcome = await runCommand(["collect", other, "-o", release]);
  expect(outcome.status).toBe(0);
  expect(outcome.err).toMatch(/still has what earlier builds made .*plain\.raw\.gz/);
});

test.each([
  [["--shard", "1/3", "--variant", "plain"], /do not go together/],
  [["--variant", "nobody"], /no variant "nobody"; it has plain, pi-0012/],
  [["--shard", "4/3"], /--shard takes I\/N/],
])("build %j is refused", async (words, message) => {
  const folder = machine();
  const outcome = await runOn(folder, "build", ...words);
  expect(outcome.status).toBe(2);
  expect(outcome.err).toMatch(message);
  expect(existsSync(join(folder, "out"))).toBe(false);
});
