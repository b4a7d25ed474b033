import { chmod, mkdir, writeFile } from "node:fs/promises";
import { MemorySource } from "@bootstamp/byte-source";
import {
  mixedBytes,
  pressInMemory,
  randomBytes,
  textBytes,
  unpackInMemory,
} from "@bootstamp/format-contract";
import type { EncodeChoice } from "@bootstamp/segment-map";
import { requires } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { afterEach, describe, expect, test, vi } from "vitest";
import { listBlocks } from "./fixtures/list-blocks.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const kibibyte = 1024;
const mebibyte = 2 ** 20;
const at = temporaryFolder();
afterEach(() => void vi.unstubAllEnvs());

const image = new Uint8Array(Buffer.concat([mixedBytes(400_000), textBytes(40_000)]));
const press = (bytes: Uint8Array, choice: EncodeChoice): Promise<Uint8Array> =>
  pressInMemory(xz, new MemorySource(bytes), [], choice);

/** Dictionaries of the levels, xz(1): 256 KiB to 64 MiB. */
const dictionaries = [256, 1024, 2048, 4096, 4096, 8192, 8192, 16_384, 32_768, 65_536];
const levels = dictionaries.map((_, level) => level);
const engines = [
  { engine: "lzma-native", guard: {} },
  { engine: "xz", guard: requires("xz") },
];

describe.each(engines)("engine $engine", ({ engine, guard }) => {
  test.each(levels)(
    "at level %d, ordinary and extreme, packs what decodes to the same",
    guard,
    async (level) => {
      for (const extreme of [false, true]) {
        const packed = await press(image, { engine, level, extreme });
        expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, image)).toBe(0);
      }
    },
  );

  test(
    "asks for the level's dictionary, and for no longer one than a block",
    { ...guard, ...requires("xz") },
    async () => {
      // More than the smallest dictionary, so that both bounds show.
      const text = textBytes(700 * kibibyte);
      for (const level of [0, 1, 6]) {
        await writeFile(at("dictionary.xz"), await press(text, { engine, level }));
        const expected = level === 0 ? "256KiB" : "768KiB";
        const [block] = await listBlocks(at("dictionary.xz"));
        expect(block?.filters).toBe(`--lzma2=dict=${expected}`);
      }
    },
  );

  test("packs smaller at a higher level", guard, async () => {
    const text = textBytes(300_000);
    const lengths = await Promise.all(
      [0, 6].map(async (level) => (await press(text, { engine, level })).length),
    );
    expect(lengths[1]).toBeLessThan(lengths[0] ?? 0);
  });

  test("looks further when extreme", guard, async () => {
    const text = textBytes(60_000);
    const ordinary = await press(text, { engine });
    expect(Buffer.compare(await press(text, { engine, extreme: true }), ordinary)).not.toBe(0);
    expect(Buffer.compare(await press(text, { engine, extreme: false }), ordinary)).toBe(0);
    expect(xz.settle({ engine, extreme: true })).toHaveProperty("extreme", true);
    expect(xz.settle({ engine, extreme: false })).not.toHaveProperty("extreme");
  });

  test(
    "is used by xz's own defaults, whatever the engine, for a file that xz could have made",
    guard,
    async () => {
      const settings = xz.settle({ engine });
      expect(settings).toEqual({
        engine,
        engineVersion: settings.engineVersion,
        level: 6,
        check: "crc64",
        segmentLength: 16 * mebibyte,
      });
      expect(settings.engineVersion).toMatch(/liblzma 5\.\d+\.\d+$/);
    },
  );
});

test(
  "both engines make the same bytes of a small text, whose code has not changed for years",
  requires("xz"),
  async () => {
    const text = textBytes(50_000);
    for (const level of [0, 3, 6, 9]) {
      const native = await press(text, { engine: "lzma-native", level });
      expect(Buffer.compare(await press(text, { engine: "xz", level }), native)).toBe(0);
    }
  },
);

test("an image is cut where the settings say", async () => {
  const large = new Uint8Array(5 * mebibyte + 512);
  large.set(randomBytes(1000), 3 * mebibyte);
  const { map } = await unpackInMemory(xz, await press(large, { level: 0, segmentLength: 2 * mebibyte }));
  expect(map.segments.map(({ kind, rawLength }) => [kind, rawLength])).toEqual([
    ["zero", 2 * mebibyte],
    ["compressed", 2 * mebibyte],
    ["zero", mebibyte + 512],
  ]);
});

describe("a choice that is none is refused, and the message says what there is:", () => {
  const wrong: readonly EncodeChoice[] = [
    { check: "crc16" },
    { check: "none" },
    { check: "" },
    { level: 10 },
    { segmentLength: 0 },
    { segmentLength: 65 * mebibyte },
    { segmentLength: 1.5 * mebibyte },
    { segmentLength: Number.NaN },
  ];
  test.each(wrong)("%o", (choice) => {
    for (const words of ["lzma-native", "crc64", "0 to 9", "16 MiB"]) {
      expect(() => xz.settle(choice)).toThrow(words);
    }
    expect(() => xz.settle(choice)).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
  });
});

/** Puts a program of that name, and nothing else, on PATH. */
async function stub(script: string): Promise<void> {
  await mkdir(at("bin"), { recursive: true });
  await writeFile(at("bin/xz"), `#!/bin/sh\n${script}\n`);
  await chmod(at("bin/xz"), 0o755);
  vi.stubEnv("PATH", at("bin"));
}

describe("the program xz", () => {
  const version = `[ "$2" = --version ] && { echo XZ_VERSION=50080022; echo LIBLZMA_VERSION=50080022; exit 0; }`;

  test("that is missing is asked for by its package", () => {
    vi.stubEnv("PATH", at("empty"));
    expect(() => xz.settle({ engine: "xz" })).toThrow(/PATH \(Debian package xz-utils\).*lzma-native/);
    expect(() => xz.settle({ engine: "xz" })).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
  });

  test("is not moved by what the environment says of options", requires("xz"), async () => {
    const plain = await press(image, { engine: "xz", level: 0 });
    vi.stubEnv("XZ_OPT", "--decompress");
    vi.stubEnv("XZ_DEFAULTS", "-9e");
    expect(Buffer.compare(await press(image, { engine: "xz", level: 0 }), plain)).toBe(0);
  });

  test.each([
    ["5.8.2", "50080022"],
    ["5.2.4-alpha", "50020040"],
    ["5.3.1-beta", "50030011"],
    ["10.0.12", "100000122"],
  ])("tells its version %s", async (expected, number) => {
    await stub(`echo LIBLZMA_VERSION=${number}`);
    expect(xz.settle({ engine: "xz" }).engineVersion).toBe(`liblzma ${expected}`);
  });

  test.each([
    ["tells no version", `echo hello`],
    ["ends with a status", `echo sorry >&2; exit 3`],
  ])("that %s is no engine", async (_name, script) => {
    await stub(script);
    expect(() => xz.settle({ engine: "xz" })).toThrow(expect.objectContaining({ code: "MAP_ENGINE" }));
  });

  test.each([
    ["ends with a status and says why", `echo "no memory" >&2; exit 1`, "no memory"],
    ["is killed", `kill -9 $$`, "SIGKILL"],
    ["makes nothing", `exit 0`, "made data for"],
    ["makes something else", `echo nonsense`, "made data for"],
    ["makes data for fewer bytes", `printf '\\001\\000\\000a\\000'`, "made data for 1 bytes out of 10"],
    ["makes data without an end", `printf '\\001\\000\\011aaaaaaaaaa'`, "made data for"],
    ["makes more than its data", `printf '\\001\\000\\011aaaaaaaaaa\\000\\000'`, "made data for"],
  ])("that %s fails by name", async (_name, script, words) => {
    await stub(`${version}\n/bin/cat > /dev/null\n${script}`);
    const pressed = press(randomBytes(10), { engine: "xz" });
    await expect(pressed).rejects.toMatchObject({ code: "MAP_ENGINE", fields: { engine: "xz" } });
    await expect(press(randomBytes(10), { engine: "xz" })).rejects.toThrow(words);
  });
});
