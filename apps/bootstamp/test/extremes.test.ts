// Images at the edges of what there is: beyond 4 GiB, and patched in their first and in their last block.
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import {
  assertDecodesTo,
  type Decoder,
  decodersFor,
  decodeToFile,
  digestDecoded,
  digestFile,
  fsckVfat,
  mtools,
  readFatFile,
  referenceDecoders,
  requires,
  run,
  type StreamFormat,
} from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import type { ArtifactRecord, Manifest } from "../src/build/manifest.ts";
import { eventsOf, runCommand, spawnCommand, type Outcome } from "./support/command.ts";
import { workplace, writeText } from "./support/workplace.ts";

const formatNames = formats.map(({ name }) => name);
const mebibyte = 1 << 20;

interface Extent {
  readonly offset: number;
  readonly length: number;
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "out", "manifest.json"), "utf8"));
}

function editedExtents(outcome: Outcome, variant: string): readonly Extent[] {
  const event = eventsOf(outcome).find((one) => one.event === "edited" && one["variant"] === variant);
  return event?.["extents"] as readonly Extent[];
}

/** The names of the decoders that are asked, by format; all, where a format is not there. */
type Asked = Readonly<Record<string, readonly string[]>>;

/** The formats' own. */
const ownDecoders: Asked = { gz: ["gzip"], xz: ["xz"], zst: ["zstd"] };

function witnessesOf(format: string, asked: Asked = {}): readonly Decoder[] {
  return decodersFor(format as StreamFormat).filter(({ name }) => asked[format]?.includes(name) ?? true);
}

function toolsOf(asked?: Asked): string[] {
  return formatNames.flatMap((format) => witnessesOf(format, asked).flatMap(({ tools }) => tools));
}

async function holdAgainstDecoders(folder: string, artifact: ArtifactRecord, asked?: Asked): Promise<void> {
  const known = witnessesOf(artifact.format, asked);
  expect(known.length).toBeGreaterThan(0);
  for (const decoder of known) {
    const decoded = await digestDecoded(decoder, join(folder, "out", artifact.file));
    const { name } = decoder;
    expect({ name, ...decoded }).toEqual({ name, length: artifact.rawLength, sha256: artifact.rawSha256 });
  }
}

describe("a bare file system, the region all of the image", () => {
  const length = mebibyte + 4096 + 512;

  /** FAT12 with clusters of a sector, all of them taken: `LAST.BIN` has those at the end. */
  async function fullFat(folder: string): Promise<string> {
    const image = join(folder, "base.img");
    writeFileSync(image, "");
    truncateSync(image, length);
    await run("mkfs.vfat", ["-F", "12", "-s", "1", "-f", "1", "-a", "-g", "1/1", "-i", "12345678", image]);
    const last = writeText(join(folder, "last.bin"), "base".repeat(1500));
    const free = await freeBytes(image);
    await mtools("mcopy", image, 0, [
      writeText(join(folder, "fill.bin"), "f".repeat(free - 6144)),
      "::/FILL.BIN",
    ]);
    await mtools("mcopy", image, 0, [last, "::/LAST.BIN"]);
    expect(await freeBytes(image)).toBeLessThan(512);
    return image;
  }

  test.each(["touched", "whole"])(
    "is patched from its first block to its last, store: %s",
    requires("mkfs.vfat", "fsck.vfat", "mcopy", ...toolsOf()),
    async (store) => {
      const folder = workplace();
      const image = await fullFat(folder);
      const spec = {
        version: 1,
        base: { image },
        region: { number: 0 },
        store,
        output: { formats: formatNames },
        variants: ["one", "two"].map((name) => ({
          name,
          edits: [{ delete: "/LAST.BIN" }, { write: { path: `/${name}.bin`, content: name.repeat(2000) } }],
        })),
      };
      const path = writeText(join(folder, "spec.yaml"), JSON.stringify(spec));
      const outcome = await runCommand(["build", path, "--json"]);
      expect(outcome).toMatchObject({ status: 0, err: "" });
      for (const { variant, ...artifact } of manifestIn(folder).artifacts) {
        const extents = editedExtents(outcome, variant);
        expect(extents[0]?.offset).toBe(0);
        const end = extents.at(-1);
        expect((end?.offset ?? 0) + (end?.length ?? 0)).toBe(length);
        // The other differs in bytes of the same blocks.
        await holdAgainstDecoders(
          folder,
          { variant, ...artifact },
          variant === "one" ? undefined : ownDecoders,
        );
        const raw = join(folder, "artifact.raw");
        const reference = referenceDecoders[artifact.format as StreamFormat];
        await decodeToFile(reference, join(folder, "out", artifact.file), raw);
        expect(await digestFile(raw)).toEqual({ length, sha256: artifact.rawSha256 });
        await fsckVfat(raw);
        expect((await readFatFile(raw, `/${variant}.bin`)).toString()).toBe(variant.repeat(2000));
      }
    },
  );
});

describe("an image above 4 GiB", () => {
  const length = 2 ** 32 + 2 ** 26;
  // The formats' own, but gzip, which unpacks it anyway: another that looks at the length, which is there modulo 2^32.
  const farDecoders = { gz: ["7-Zip"], xz: ["xz"], zst: ["zstd"] };

  /** Nothing but a boot partition that ends where a GPT lets it end. */
  async function farImage(folder: string): Promise<{ image: string; offset: number }> {
    const tiny = await buildImage("tiny", { boot: "fat16" });
    const boot = partitionOf(tiny, "boot");
    const image = join(folder, "base.img");
    writeFileSync(image, "");
    truncateSync(image, length);
    const sectors = boot.length / 512;
    const start = length / 512 - 34 - sectors + 1;
    const script = [
      "label: gpt",
      "label-id: 5D2B6E3C-9B44-4E6C-8F5A-0D0E0A0B0C0D",
      "grain: 512",
      `start=${start}, size=${sectors}, type=BC13C2FF-59E6-4262-A352-B275FD6F7172, uuid=5D2B6E3C-9B44-4E6C-8F5A-0D0E0A0B0C0E, name=boot`,
    ];
    await run("sfdisk", ["--no-tell-kernel", "--no-reread", "-q", image], {
      input: `${script.join("\n")}\n`,
    });
    const offset = start * 512;
    await run("dd", [
      `if=${tiny.path}`,
      `of=${image}`,
      "conv=notrunc",
      "bs=4096",
      "iflag=skip_bytes,count_bytes",
      "oflag=seek_bytes",
      `skip=${boot.offset}`,
      `count=${boot.length}`,
      `seek=${offset}`,
    ]);
    return { image, offset };
  }

  test(
    "is patched at its end, in little memory, and is read whole by others",
    requires("sfdisk", "time", "mcopy", "fsck.vfat", "gzip", "igzip", ...toolsOf(farDecoders)),
    async () => {
      const folder = workplace();
      const { image, offset } = await farImage(folder);
      const spec = {
        version: 1,
        base: { image },
        region: { label: "boot" },
        output: { formats: formatNames },
        variants: [{ name: "far", edits: [{ write: { path: "/far.txt", content: "far away\n" } }] }],
      };
      const path = writeText(join(folder, "spec.yaml"), JSON.stringify(spec));
      const memory = join(folder, "memory");
      const wrapper = ["time", "-o", memory, "-f", "%M"];
      expect(await spawnCommand(["build", path, "--json"], { wrapper })).toMatchObject({
        status: 0,
        err: "",
      });
      expect(Number(readFileSync(memory, "utf8"))).toBeLessThan(400 * 1024);
      for (const artifact of manifestIn(folder).artifacts) {
        expect(artifact.rawLength).toBe(length);
        // zeros shrink to nearly nothing
        expect(artifact.length).toBeLessThan(length / 200);
        await holdAgainstDecoders(folder, artifact, farDecoders);
      }
      const [first] = manifestIn(folder).artifacts;
      const packed = join(folder, "out", first?.file ?? "");
      expect(await runCommand(["verify", packed])).toMatchObject({ status: 0 });
      const raw = join(folder, "artifact.raw");
      await decodeToFile(referenceDecoders.gz, packed, raw);
      expect(await digestFile(raw)).toEqual({ length, sha256: first?.rawSha256 });
      expect((await readFatFile(raw, "/far.txt", offset)).toString()).toBe("far away\n");
      await run("sfdisk", ["--verify", "-q", raw]);
      await spliceFar(folder, offset);
    },
  );

  /** Edits each artifact where nothing is stored, at the far end: all come to one image, which has the file. */
  async function spliceFar(folder: string, offset: number): Promise<void> {
    const content = "farther away\n".repeat(2000);
    const file = writeText(join(folder, "farther.txt"), content);
    const raw = join(folder, "spliced.raw");
    const splicedAs = (format: string): string => join(folder, `spliced.${format}`);
    for (const { file: name, format } of manifestIn(folder).artifacts) {
      const spliced = splicedAs(format);
      const words = ["stamp", join(folder, "out", name), "--write", `/farther.txt=${file}`, "-o", spliced];
      const outcome = await runCommand([...words, "--json"]);
      expect(outcome).toMatchObject({ status: 0, err: "" });
      expect(eventsOf(outcome).find(({ event }) => event === "stamped")).toHaveProperty("splice");
    }
    const [igzip] = witnessesOf("gz", { gz: ["igzip"] });
    await decodeToFile(igzip as Decoder, splicedAs("gz"), raw);
    for (const format of ["xz", "zst"] as const) {
      const decoded = assertDecodesTo(referenceDecoders[format], splicedAs(format), raw);
      await expect(decoded).resolves.toBeUndefined();
    }
    expect(statSync(raw).size).toBe(length);
    expect((await readFatFile(raw, "/farther.txt", offset)).toString()).toBe(content);
    await run("sfdisk", ["--verify", "-q", raw]);
  }
});

async function freeBytes(image: string): Promise<number> {
  const listing = await mtools("mdir", image, 0, ["::/"]);
  const [, digits = ""] = /([\d ]+) bytes free/.exec(listing) ?? [];
  return Number(digits.replaceAll(" ", ""));
}
