// Edits where the base stores nothing: spliced files, held against a build of the same edits, which splices nothing.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, runBytes } from "@bootstamp/witnesses";
import { afterAll, describe, expect, test } from "vitest";
import { type Event, eventsOf, program, runCommand } from "./support/command.ts";
import { checkFileSystem, treeTools } from "./support/file-tree.ts";
import { specOf, workplace, writeText } from "./support/workplace.ts";

type Boot = "ext4" | "fat32";

/** One file system in one format, and what unpacks that. */
interface Subject {
  readonly boot: Boot;
  readonly format: string;
  readonly unpacker: string;
}

const gz: Subject = { boot: "ext4", format: "gz", unpacker: "gzip" };
const subjects: readonly Subject[] = [
  gz,
  { boot: "ext4", format: "xz", unpacker: "xz" },
  { boot: "ext4", format: "zst", unpacker: "zstd" },
  { boot: "fat32", format: "gz", unpacker: "gzip" },
];

const kargs = { kargs: { append: ["platform=aws"] } };
/** Longer than what lies in a stored block beside what it is stored for. */
const long = "bootstamp\n".repeat(2000);
const added = { write: { path: "/added.txt", content: long } };
const marker = { write: { path: "/marker.txt", content: "aws\n" } };
/** What the bases store: the blocks of the marker alone. */
const marked = { name: "marked", edits: [marker] };
const variants = [
  marked,
  { name: "once", edits: [kargs, added] },
  { name: "once-marked", edits: [kargs, added, marker] },
  { name: "twice", edits: [kargs, added, { write: { path: "/more.txt", content: long } }] },
];

const scratch = mkdtempSync(join(tmpdir(), "bootstamp-splice-app-"));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Makes what it is asked for once, and gives it to all who ask after. */
function once<Key, Made>(make: (key: Key) => Promise<Made>): (key: Key) => Promise<Made> {
  const made = new Map<Key, Promise<Made>>();
  return async (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return await known;
  };
}

interface Built {
  readonly folder: string;
  readonly base: string;
  readonly spec: string;
}

/** An image, and the raw images of its variants, unpacked from a build that stores the whole region. */
async function build(boot: Boot): Promise<Built> {
  const folder = join(scratch, boot);
  mkdirSync(folder);
  const info = await buildImage("tiny", { boot });
  const output = { directory: "whole", name: "{{ variant }}", formats: ["zst"], digests: [] };
  const spec = writeText(join(folder, "whole.yaml"), specOf(info.path, { output, variants, store: "whole" }));
  expect(await runCommand(["build", spec])).toMatchObject({ status: 0, err: "" });
  for (const { name } of variants) {
    const raw = join(folder, `${name}.raw`);
    writeFileSync(raw, await runBytes("zstd", ["-dqc", join(folder, "whole", `${name}.zst`)]));
    await checkFileSystem(raw, partitionOf(info, "boot"));
  }
  return { folder, base: info.path, spec };
}

const builtOf = once(build);

interface Spliced extends Built {
  /** Nothing is stored in it but the blocks of the marker. */
  readonly stampable: string;
  /** The variant `once` of it, and what the program said of that. */
  readonly path: string;
  readonly event: Event | undefined;
}

async function splice({ boot, format }: Subject): Promise<Spliced> {
  const built = await builtOf(boot);
  const stampable = join(built.folder, `base.${format}`);
  const spec = writeText(`${stampable}.yaml`, specOf(built.base, { variants: [marked] }));
  const prepared = await runCommand(["prepare", spec, "-o", stampable, "--level", "1"]);
  expect(prepared).toMatchObject({ status: 0, err: "" });
  const path = join(built.folder, `once.${format}`);
  const event = await eventOf(["stamp", stampable, ...editing(built.folder), "-o", path]);
  return { ...built, stampable, path, event };
}

const splicedOf = once(splice);

/** The words for the edits of the variant `once`. */
function editing(folder: string): string[] {
  return ["--karg-append", "platform=aws", ...writing(folder, "added.txt", long)];
}

function writing(folder: string, name: string, content: string): string[] {
  return ["--write", `/${name}=${writeText(join(folder, name), content)}`];
}

/** The event of a run that makes or foretells something, which has to succeed. */
async function eventOf(words: readonly string[]): Promise<Event | undefined> {
  const outcome = await runCommand([...words, "--json"]);
  expect(outcome).toMatchObject({ status: 0, err: "" });
  return eventsOf(outcome).find(({ event }) => event === "stamped" || event === "way");
}

/** Holds that the format's own program reads a file as a raw image. */
async function assertDecodes({ unpacker }: Subject, path: string, raw: string): Promise<void> {
  expect((await runBytes(unpacker, ["-dc", path])).equals(readFileSync(raw))).toBe(true);
}

describe.each(subjects)("a spliced .$format of an image with $boot", (subject) => {
  const guard = requires("zstd", subject.unpacker, ...treeTools);

  test("is the variant, and can be patched in place and spliced in its turn", guard, async () => {
    const { folder, stampable, path, event } = await splicedOf(subject);
    const lengthBefore = readFileSync(stampable).length;
    const length = readFileSync(path).length;
    expect(event).toMatchObject({ event: "stamped", path, length, splice: { lengthBefore } });
    await assertDecodes(subject, path, join(folder, "once.raw"));

    const patched = join(workplace(), `patched.${subject.format}`);
    const marking = ["stamp", path, ...writing(folder, "marker.txt", "aws\n"), "-o", patched];
    expect(await eventOf(marking)).not.toHaveProperty("splice");
    await assertDecodes(subject, patched, join(folder, "once-marked.raw"));

    const twice = join(workplace(), `twice.${subject.format}`);
    const adding = ["stamp", path, ...writing(folder, "more.txt", long), "-o", twice];
    expect(await eventOf(adding)).toHaveProperty("splice.lengthBefore", length);
    await assertDecodes(subject, twice, join(folder, "twice.raw"));
  });
});

describe("a base without room for an edit", requires("zstd", "gzip", ...treeTools), () => {
  test("comes to the same file by a stamp, and as a stream", async () => {
    const { folder, base, stampable, path } = await splicedOf(gz);
    const artifact = readFileSync(path);
    const stamp = join(folder, "once.stamp");
    expect(await runCommand(["diff", base, join(folder, "once.raw"), "-o", stamp])).toMatchObject({
      status: 0,
    });
    const applied = join(workplace(), "applied.gz");
    expect(await eventOf(["stamp", stampable, stamp, "-o", applied])).toHaveProperty("splice");
    expect(readFileSync(applied).equals(artifact)).toBe(true);
    const [command = "", ...args] = program;
    const stream = await runBytes(command, [...args, "stamp", stampable, ...editing(folder), "-o", "-"]);
    expect(stream.equals(artifact)).toBe(true);
  });

  test("is not changed in place: told is what to do, and what that would cost", async () => {
    const { folder, stampable, event } = await splicedOf(gz);
    const packed = readFileSync(stampable);
    const words = ["stamp", stampable, ...editing(folder)];
    const before = readdirSync(folder).toSorted();
    const refused = await runCommand([...words, "--in-place"]);
    expect(refused).toMatchObject({ status: 1, out: "" });
    expect(refused.err).toMatch(/cannot patch .* not stored .*\nhint: stamp with -o: /);

    const way = await eventOf([...words, "--dry-run", "-o", join(folder, "never")]);
    expect(way).toMatchObject({ way: "splice", path: stampable });
    expect(event).toMatchObject({ splice: { segments: way?.["segments"], rawBytes: way?.["rawBytes"] } });
    expect(readFileSync(stampable).equals(packed)).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(before);
  });

  test("is planned with: some variants are patched in place, others spliced", async () => {
    const { spec, stampable } = await splicedOf(gz);
    const told = await runCommand(["plan", spec, "--base", stampable, "--json"]);
    expect(told).toMatchObject({ status: 0, err: "" });
    const events = eventsOf(told);
    expect(events.filter(({ event }) => event === "way").map(({ name, way }) => [name, way])).toEqual([
      ["marked", "in-place"],
      ["once", "splice"],
      ["once-marked", "splice"],
      ["twice", "splice"],
    ]);
    expect(events.at(-1)).toMatchObject({ event: "ways", variants: 4, spliced: 3 });
  });
});
