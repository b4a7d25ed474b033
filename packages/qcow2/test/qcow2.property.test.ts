import { readFileSync } from "node:fs";
import { Fault } from "@bootstamp/fault";
import { MemorySource } from "@bootstamp/byte-source";
import { openQcow2 } from "@bootstamp/qcow2";
import { requires } from "@bootstamp/witnesses";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mixedBytes, openPath, Workshop } from "./images.ts";

const length = 1 << 20;
const options = [
  "compat=0.10,cluster_size=512",
  "compat=1.1,cluster_size=1k",
  "compat=1.1,cluster_size=64k",
  "compat=1.1,cluster_size=64k,compression_type=zstd",
  "compat=1.1,cluster_size=16k,extended_l2=on",
  "compat=1.1,cluster_size=256k",
];

interface Write {
  readonly verb: "write -P" | "write -z" | "write -z -u" | "discard" | "write -c -P";
  readonly sector: number;
  readonly sectors: number;
  readonly pattern: number;
}

const writes: fc.Arbitrary<Write> = fc.record({
  verb: fc.constantFrom("write -P", "write -P", "write -z", "write -z -u", "discard", "write -c -P"),
  sector: fc.integer({ min: 0, max: length / 512 - 1 }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 600 })),
  pattern: fc.integer({ min: 1, max: 255 }),
});

/** The compressed ones first, and each place once: qemu-io refuses to compress over what is there. */
function commands(list: readonly Write[]): string[] {
  const compressed = new Map(list.filter(isCompressed).map((each) => [placeOf(each).start, each]));
  return [...compressed.values(), ...list.filter((each) => !isCompressed(each))].map(command);
}

function isCompressed({ verb }: Write): boolean {
  return verb === "write -c -P";
}

/** What is compressed are whole clusters; 256 KiB is whole for all lengths of them. */
function placeOf(write: Write): { start: number; count: number } {
  const whole = 256 << 10;
  const start = write.sector * 512;
  if (isCompressed(write)) return { start: start - (start % whole), count: whole };
  return { start, count: Math.min(write.sectors * 512, length - start) };
}

function command(each: Write): string {
  const { start, count } = placeOf(each);
  return `${each.verb} ${each.verb.endsWith("-P") ? `${each.pattern} ` : ""}${start} ${count}`;
}

test(
  "any image that qemu-io writes reads as qemu-img reads it",
  requires("qemu-img", "qemu-io"),
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...options),
        fc.array(writes, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(length), fc.nat(length)), { maxLength: 8 }),
        async (option, list, ranges) => {
          await using workshop = new Workshop();
          const path = await workshop.create(length, option, commands(list));
          const source = await openPath(path);
          const raw = await workshop.rawOf(path);
          expect(Buffer.compare(await source.read(0, length), raw)).toBe(0);
          for (const [one, other] of ranges) {
            const from = Math.min(one, other);
            const to = Math.max(one, other);
            expect(Buffer.compare(await source.read(from, to - from), raw.subarray(from, to))).toBe(0);
            let at = from;
            for await (const extent of source.extents(from, to - from)) {
              expect(extent.offset).toBe(at);
              at += extent.length;
              const isZero = raw.subarray(extent.offset, at).every((byte) => byte === 0);
              expect(isZero || !extent.zero).toBe(true);
            }
            expect(at).toBe(to);
          }
        },
      ),
      // Smaller ones would take many more runs of qemu-io.
      { numRuns: 8, endOnFailure: true },
    );
  },
);

test(
  "an image with damaged bytes is refused or read, never anything else",
  requires("qemu-img", "qemu-io"),
  async () => {
    await using workshop = new Workshop();
    const images: Buffer[] = [];
    for (const option of ["cluster_size=512", "compression_type=zstd", "extended_l2=on,cluster_size=16k"])
      images.push(readFileSync(await workshop.convert(mixedBytes(1 << 18), "-c", "-o", option)));
    const byte = fc.tuple(fc.oneof(fc.nat(120), fc.nat(4096), fc.nat(400_000)), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...images),
        fc.array(byte, { minLength: 1, maxLength: 4 }),
        async (image, bytes) => {
          const damaged = Buffer.from(image);
          for (const [at, value] of bytes) damaged[at % damaged.length] = value;
          const outcome = await readAll(damaged).catch((error: unknown) => error);
          expect(outcome instanceof Fault || outcome === "read").toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  },
);

async function readAll(image: Uint8Array): Promise<"read"> {
  const source = await openQcow2(new MemorySource(image));
  const count = Math.min(source.length, 1 << 19);
  const bytes = await source.read(0, count);
  return bytes.length === count ? "read" : Promise.reject(new Error(`read ${bytes.length} bytes`));
}
