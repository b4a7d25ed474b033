import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { openEncoder } from "@bootstamp/deflate";
import { assertDecodesTo, decodersFor, requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, expect, test } from "vitest";
import { samples } from "./samples.ts";

/** RFC 1952: no name, no time; then at the end the final block, CRC-32 and length. */
const header = Buffer.from("1f8b08000000000000ff", "hex");
const finalBlock = Buffer.from("0300", "hex");

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deflate-"));
  const encoders = await Promise.all([1, 6, 9].map(async (level) => await openEncoder(level)));
  const pieces = samples.map(([, raw], index) => ({ raw, packed: encoders[index % 3]?.(raw) ?? raw }));
  const raw = Buffer.concat(pieces.map((piece) => piece.raw));
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(raw));
  trailer.writeUInt32LE(raw.length, 4);
  await writeFile(at("raw"), raw);
  await writeFile(
    at("raw.gz"),
    Buffer.concat([header, ...pieces.map(({ packed }) => packed), finalBlock, trailer]),
  );
});
afterAll(() => rm(folder, { recursive: true }));

for (const decoder of decodersFor("gz")) {
  test(`pieces one behind the other are read by ${decoder.name}`, requires(...decoder.tools), async () => {
    await expect(assertDecodesTo(decoder, at("raw.gz"), at("raw"))).resolves.toBeUndefined();
  });
}
