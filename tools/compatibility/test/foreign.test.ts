// Files that other programs made of an image: read where their shape allows it, else refused with a reason; never more.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { decodeToFile, referenceDecoders, requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFileSystem, compareOutside, copyFilesOut } from "../src/boot-files.ts";
import { writeNoisyImage } from "../src/noisy-image.ts";
import { bootstamp, eventNamed, type ProgramEvent } from "../src/program.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { seekTable, writeSeekable } from "../src/seekable-zstd.ts";
import { listXz } from "../src/xz-listing.ts";

/** A command line with the raw image at $0, which writes the file at $1. */
interface ForeignFile {
  readonly made: string;
  readonly tool: string;
  readonly ending: string;
}

interface RefusedFile extends ForeignFile {
  readonly code: string;
  readonly message: RegExp;
}

const xzFile = { tool: "xz", ending: "xz" };
const readable: readonly ForeignFile[] = [
  { ...xzFile, made: 'xz -1 -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 -T2 -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 --block-size=1MiB -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 -T2 --block-size=1MiB -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 --block-size=64KiB --check=sha256 -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 --check=crc32 -c "$0" > "$1"' },
  { ...xzFile, made: 'xz -1 --check=none -c "$0" > "$1"' },
  { ...xzFile, tool: "pixz", made: 'pixz -1 < "$0" > "$1"' },
];

const noMap = { ending: "gz", code: "MAP_MISSING", message: /: a gzip file without a map: / };
const zstdFile = { tool: "zstd", ending: "zst" };
/** Without a seek table. `note` writes a skippable frame (RFC 8878 §3.1.2). */
const note = "printf '\\x5a\\x2a\\x4d\\x18\\x04\\0\\0\\0skip'";
const halves = 'head -c 3000000 "$0"';
const others = 'tail -c +3000001 "$0"';
const walked: readonly ForeignFile[] = [
  { ...zstdFile, made: 'zstd -q3c "$0" > "$1"' },
  { ...zstdFile, made: 'zstd -q1c -T2 --no-check "$0" > "$1"' },
  { ...zstdFile, made: 'zstd -q1c < "$0" > "$1"' },
  { ...zstdFile, made: 'zstd -q1c --long=27 < "$0" > "$1"' },
  { ...zstdFile, made: `{ ${halves} | zstd -q1c; ${note}; ${others} | zstd -q1c; } > "$1"` },
  { ...zstdFile, tool: "pzstd", made: 'pzstd -q -1 -c "$0" > "$1"' },
];
const notStampable = { ...xzFile, code: "MAP_MISSING" };
const refused: readonly RefusedFile[] = [
  { ...noMap, tool: "gzip", made: 'gzip -1c "$0" > "$1"' },
  { ...noMap, tool: "gzip", made: 'cat "$0" | gzip -1c > "$1"' },
  { ...noMap, tool: "gzip", made: '{ gzip -1c "$0"; gzip -1c "$0"; } > "$1"' },
  { ...noMap, tool: "pigz", made: 'pigz -1c "$0" > "$1"' },
  { ...noMap, tool: "pigz", made: 'pigz -1ic "$0" > "$1"' },
  { ...noMap, tool: "bgzip", made: 'bgzip -l1 -c "$0" > "$1"' },
  {
    ...zstdFile,
    code: "MAP_MISSING",
    message: /needs a window of 2147483648 bytes, more than the 134217728 .* 400 MiB/,
    made: 'zstd -q1c --long=31 < "$0" > "$1"',
  },
  {
    ...notStampable,
    message: /it has several streams/,
    made: '{ xz -0c "$0"; xz -0c "$0"; } > "$1"',
  },
  {
    ...notStampable,
    message: /the filters 0x4, 0x21, where LZMA2 \(0x21\) alone is read/,
    made: 'xz --x86 --lzma2=preset=0 -c "$0" > "$1"',
  },
  {
    ...notStampable,
    message: /the filters 0x3, 0x21, where LZMA2 \(0x21\) alone is read/,
    made: 'xz --delta --lzma2=preset=0 -c "$0" > "$1"',
  },
];

let scratch: ScratchFolder;
let image = "";
let noise: { readonly offset: number; readonly length: number };

beforeAll(async () => {
  scratch = scratchFolder();
  image = join(scratch.path, "image.raw");
  noise = await writeNoisyImage(image, 1);
});
afterAll(() => scratch[Symbol.dispose]());

describe("inspect and stamp", () => {
  test.for(readable)("read $made", async ({ made, tool, ending }, { skip }) => {
    skip(requires(tool).skip === true);
    const path = await make(made, ending);
    const shown = eventNamed(await bootstamp(["inspect", path]), "image");
    const { length: segments } = (await listXz(path)).blocks;
    expect(shown).toMatchObject({ format: "xz", segments, rawLength: statSync(image).size });
    expect((shown["partitions"] as { label: string }[]).map(({ label }) => label)).toContain("boot");
    await bootstamp(["verify", path]);
    expect(await failToStamp(path, ["--in-place"])).toMatchObject(notStored(shown));
  });

  // Blocks shorter than what is edited and longer, one block of all, and each check that there is.
  test.for(readable.filter(({ made }) => /-T2 --block-size|sha256|none|pixz/.test(made)))(
    "splice $made",
    async ({ made, tool, ending }, { skip }) => {
      skip(requires(tool, "debugfs").skip === true);
      const path = await make(made, ending);
      const out = await splice(path, ending);
      await expect(run("xz", ["-t", out])).resolves.toBe("");
      expect((await listXz(out)).blocks.length).toBeGreaterThanOrEqual((await listXz(path)).blocks.length);
    },
  );

  test.for(refused)("refuse $made", async ({ made, tool, ending, code, message }, { skip }) => {
    skip(requires(tool).skip === true);
    const path = await make(made, ending);
    const expected = { code, message: expect.stringMatching(message) };
    // A .gz has no segments, but is read whole for verify, and by an index for inspect.
    const refusing = ending === "gz" ? [] : ["verify", "inspect"];
    for (const word of refusing) expect(codeOf(await bootstamp([word, path], 1))).toMatchObject(expected);
    expect(await failToStamp(path)).toMatchObject(expected);
  });

  test.for(refused.filter(({ ending }) => ending === "gz"))(
    "look into $made by an index",
    async ({ made, tool, ending }, { skip }) => {
      skip(requires(tool).skip === true);
      const path = await make(made, ending);
      const shown = eventNamed(await bootstamp(["inspect", path]), "image");
      expect(Number(shown["rawLength"]) % statSync(image).size).toBe(0);
      const { rawLength } = eventNamed(await bootstamp(["verify", path]), "verified");
      expect(rawLength).toBe(shown["rawLength"]);
      expect((shown["partitions"] as { label: string }[]).map(({ label }) => label)).toContain("boot");
      expect(shown).not.toHaveProperty("stored");
    },
  );
});

test("inspect and stamp say what another program stored", requires("xz"), async () => {
  // In threads, for only then xz writes the lengths into the blocks' headers.
  const path = await make('xz -1 -T2 --block-size=32KiB -c "$0" > "$1"', "xz");
  const shown = eventNamed(await bootstamp(["inspect", path]), "image");
  const { stored } = shown;
  expect(stored).toContainEqual(noise);
  expect(stored).not.toContainEqual(expect.objectContaining({ offset: 0 }));
  const fault = await failToStamp(path, ["--in-place"]);
  expect(fault).toMatchObject(notStored(shown));
  expect(fault["message"]).toContain(`${noise.length} bytes at ${noise.offset}`);
});

describe("a .zst without a seek table", () => {
  test.for(walked)("is read as it is: $made", async ({ made, tool, ending }, { skip }) => {
    skip(requires(tool).skip === true);
    const path = await make(made, ending);
    const shown = eventNamed(await bootstamp(["inspect", path]), "image");
    expect(shown).toMatchObject({ format: "zst", rawLength: statSync(image).size });
    const unpacked = `${path}.raw`;
    await bootstamp(["unpack", path, "-o", unpacked]);
    await expect(run("cmp", [unpacked, image])).resolves.toBe("");
    rmSync(unpacked);
  });

  test("is spliced", requires("zstd", "debugfs"), async () => {
    const path = await make('zstd -q1c < "$0" > "$1"', "zst");
    await expect(run("zstd", ["-tq", await splice(path, "zst")])).resolves.toBe("");
  });
});

describe("a seekable .zst of another program", requires("zstd"), () => {
  test("is read, and says what it stores when it cannot be stamped", async () => {
    const path = join(scratch.path, "seekable.zst");
    await writeSeekable(image, path);
    const shown = eventNamed(await bootstamp(["inspect", path]), "image");
    expect(shown).toMatchObject({ format: "zst", rawLength: statSync(image).size });
    await bootstamp(["verify", path]);
    // What zstd cannot compress it stores.
    expect(shown["stored"]).not.toEqual([]);
    expect(await failToStamp(path, ["--in-place"])).toMatchObject(notStored(shown));
  });

  test("is spliced where it stores nothing that the edit changes", requires("debugfs"), async () => {
    const path = join(scratch.path, "spliced.zst");
    await writeSeekable(image, path);
    await expect(run("zstd", ["-tq", await splice(path, "zst")])).resolves.toBe("");
  });

  test("is stamped where it stores what the edit changes", requires("debugfs"), async () => {
    const boot = partitionOf(await buildImage("tiny"), "boot");
    const path = join(scratch.path, "stored.zst");
    await writeSeekable(image, path, { raw: boot });
    const out = join(scratch.path, "stamped.zst");
    expect(await stampMarker(path, out, "zst")).not.toHaveProperty("splice");
  });

  // RFC 8878 §3.1.1.1.2: the byte behind the descriptor. A descriptor of 64 or 84 says that there is one.
  test("is verified where zstd reads it, whatever window a frame says that it has", async () => {
    const path = join(scratch.path, "windows.zst");
    await run("bash", ["-c", 'zstd -q3c "$0" > "$1"', image, path]);
    const frame = readFileSync(path);
    const single = frame.readUInt8(4) & 0x20;
    expect(single).toBe(0);
    const files: string[] = [];
    for (let window = 0; window < 256; window += 5) {
      const changed = Buffer.from(frame);
      changed.writeUInt8(window, 5);
      const file = join(scratch.path, `window-${window}.zst`);
      writeFileSync(file, Buffer.concat([changed, seekTable([frame.length, statSync(image).size])]));
      files.push(file);
    }
    const events = await bootstamp(["verify", ...files], 1);
    const verified = events.filter(({ event }) => event === "verified").map(({ path: file }) => file);
    const readByZstd: string[] = [];
    for (const file of files) {
      const read = await run("zstd", ["-tq", file]).then(
        () => true,
        () => false,
      );
      if (read) readByZstd.push(file);
    }
    expect(readByZstd.length).toBeGreaterThan(0);
    expect(verified).toEqual(readByZstd);
  });
});

/** The fault of a patch that needs something else than what `inspect` shows as stored. */
function notStored(shown: ProgramEvent): object {
  const stored = shown["stored"] as readonly { readonly offset: number; readonly length: number }[];
  const [first] = stored;
  const named = first === undefined ? "none$" : `${first.length} bytes at ${first.offset}`;
  return {
    code: "MAP_PATCH_NOT_STORED",
    message: expect.stringMatching(new RegExp(`cannot patch .* stored extents: ${named}`)),
  };
}

async function make(command: string, ending: string): Promise<string> {
  const name = createHash("sha256").update(command).digest("hex").slice(0, 16);
  const path = join(scratch.path, `${name}.${ending}`);
  await run("bash", ["-c", command, image, path]);
  return path;
}

/** Splices a file into a new one, and holds that against the file system's own programs. Returns its path. */
async function splice(path: string, ending: string): Promise<string> {
  const out = `${path}.spliced.${ending}`;
  expect(await stampMarker(path, out, ending)).toHaveProperty("splice");
  return out;
}

/** Stamps a file into the image, and looks at what has come of that. Returns the program's word on it. */
async function stampMarker(path: string, out: string, ending: string): Promise<ProgramEvent> {
  const boot = partitionOf(await buildImage("tiny"), "boot");
  const stamped = await bootstamp(["stamp", path, "-o", out, "--write", `/marker.txt=${markerFile()}`]);
  await bootstamp(["verify", out]);
  const raw = `${out}.raw`;
  await decodeToFile(referenceDecoders[formatOf(ending)], out, raw);
  await compareOutside(boot, image, raw);
  await checkFileSystem(raw, boot);
  const files = `${out}.files`;
  await copyFilesOut(raw, boot, files);
  expect(readFileSync(join(files, "marker.txt"), "utf8")).toBe("stamped\n");
  return eventNamed(stamped, "stamped");
}

function formatOf(ending: string): "xz" | "zst" {
  return ending === "xz" ? "xz" : "zst";
}

function markerFile(): string {
  const marker = join(scratch.path, "marker");
  writeFileSync(marker, "stamped\n");
  return marker;
}

/** Stamps a file that cannot be stamped, and holds that nothing is left behind. */
async function failToStamp(path: string, target = ["-o", `${path}.stamped`]): Promise<ProgramEvent> {
  const marker = markerFile();
  const before = readdirSync(scratch.path).toSorted();
  const words = ["stamp", path, ...target, "--write", `/marker.txt=${marker}`];
  const error = codeOf(await bootstamp(words, 1));
  expect(readdirSync(scratch.path).toSorted()).toEqual(before);
  return error;
}

function codeOf(events: readonly ProgramEvent[]): ProgramEvent {
  return eventNamed(events, "error");
}
