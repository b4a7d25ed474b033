// Descriptions of tables to be written: fixed ones, and any that a table can be.
import type {
  ByteRange,
  GptDescription,
  GptPartitionDescription,
  MbrDescription,
  MbrPartitionDescription,
  SectorLength,
  TableDescription,
  TablePiece,
} from "@bootstamp/layout";
import fc from "fast-check";

export const mebibyte = 1 << 20;

const coreosGuids = [
  "21686148-6449-6e6f-744e-656564454649",
  "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  "bc13c2ff-59e6-4262-a352-b275fd6f7172",
  "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
];
const coreosNames = ["BIOS-BOOT", "EFI-SYSTEM", "boot", "root"];
const coreosSizes = [1, 127, 384, 1535];

/** Fedora CoreOS's layout for x86-64: /boot is the third of four partitions. */
export function coreosDescription(sectorLength: SectorLength): GptDescription {
  let end = mebibyte;
  const partitions = coreosSizes.map((size, index) => {
    const offset = end;
    end += size * mebibyte;
    return {
      number: index + 1,
      offset,
      length: size * mebibyte,
      typeId: coreosGuids[index] ?? "",
      uniqueId: `00000000-0000-4000-a000-00000000001${index}`,
      name: coreosNames[index] ?? "",
      attributes: [],
    };
  });
  return {
    kind: "gpt",
    sectorLength,
    diskLength: end + mebibyte,
    diskId: "00000000-0000-4000-a000-000000000001",
    partitions,
  };
}

/** An image of the pieces, with zeros elsewhere. */
export function imageOf(description: TableDescription, pieces: readonly TablePiece[]): Buffer {
  const image = Buffer.alloc(description.diskLength);
  for (const { offset, bytes } of pieces) image.set(bytes, offset);
  return image;
}

const guid = fc.uuid({ version: 4 });
const sectorLengths = fc.constantFrom<SectorLength>(512, 4096);
const gap = fc.oneof(fc.constantFrom(0, 1, 256, 2048), fc.nat(3000));
const size = fc.oneof(fc.constantFrom(1, 8, 2048), fc.integer({ min: 1, max: 5000 }));
const names = fc.oneof(
  fc.constantFrom("", "boot", "EFI System", "caf\u00e9 \u20ac", "\u{1f680} up", "x".repeat(36)),
  fc.string({ unit: "grapheme-ascii", maxLength: 36 }),
);

/** Places runs of sectors of `unit` bytes one after the other, from sector `first` on. */
function placed<T>(
  parts: readonly { readonly gap: number; readonly size: number; readonly rest: T }[],
  first: number,
  unit: number,
  /** Sectors that each run leaves free before it at least. */
  reserve = 0,
): { readonly runs: readonly (ByteRange & { readonly rest: T })[]; readonly end: number } {
  let end = first;
  const runs = parts.map(({ gap: before, size: length, rest }) => {
    const start = end + reserve + before;
    end = start + length;
    return { offset: start * unit, length: length * unit, rest };
  });
  return { runs, end };
}

const gptParts = fc.array(
  fc.record({
    gap,
    size,
    rest: fc.record({
      typeId: fc.oneof(fc.constantFrom(...coreosGuids), guid),
      name: names,
      attributes: fc.subarray([0, 1, 2, 48, 60, 63]),
    }),
  }),
  { maxLength: 9 },
);

/** Any GPT of a disk of a few MiB, whatever the order of its numbers. */
export const gptDescriptions: fc.Arbitrary<GptDescription> = fc
  .record({
    sectorLength: sectorLengths,
    parts: gptParts,
    numbers: fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, index) => index + 1),
      { minLength: 9 },
    ),
    ids: fc.uniqueArray(guid, { minLength: 10, maxLength: 10 }),
    entryCount: fc.constantFrom(30, 128, 200),
    entryLength: fc.constantFrom(128, 256),
    tail: fc.nat(300),
  })
  .map(({ sectorLength, parts, numbers, ids, entryCount, entryLength, tail }) => {
    const arraySectors = Math.ceil((entryCount * entryLength) / sectorLength);
    const first = Math.max(mebibyte / sectorLength, 2 + arraySectors);
    const { runs, end } = placed(parts, first, sectorLength);
    const partitions: GptPartitionDescription[] = runs.map(({ rest, ...range }, index) =>
      Object.assign({ number: numbers[index] ?? 0, uniqueId: ids[index] ?? "" }, range, rest),
    );
    const sectorCount = Math.max(end, 5 * first) + arraySectors + 1 + tail;
    return {
      kind: "gpt",
      sectorLength,
      diskLength: sectorCount * sectorLength,
      diskId: ids[9] ?? "",
      entryCount,
      entryLength,
      partitions: partitions.toSorted((a, b) => a.number - b.number),
    };
  });

const mbrPart = fc.record({
  gap,
  size,
  rest: fc.record({ typeId: fc.constantFrom("0x0c", "0x83", "0xea", "0x82"), bootable: fc.boolean() }),
});

/** Any MBR in which logical partitions are numbered in the order of their places. */
export const mbrDescriptions: fc.Arbitrary<MbrDescription> = fc
  .record({
    sectorLength: sectorLengths,
    primaries: fc.array(mbrPart, { maxLength: 3 }),
    logicals: fc.option(fc.array(mbrPart, { maxLength: 6 })),
    extendedType: fc.constantFrom("0x05", "0x0f", "0x85"),
    signature: fc.integer({ min: 0, max: 0xffff_ffff }),
    tail: fc.nat(300),
  })
  .map(({ sectorLength, primaries, logicals, extendedType, signature, tail }) => {
    const grain = mebibyte / sectorLength;
    const { runs, end } = placed(primaries, grain, sectorLength);
    const partitions: MbrPartitionDescription[] = runs.map(({ rest, ...range }, index) =>
      Object.assign({ number: index + 1, placement: "primary" as const }, range, rest),
    );
    const inner = placed(logicals ?? [], end, sectorLength, 1);
    if (logicals !== null) {
      const container = { offset: end * sectorLength, length: (inner.end - end + 1) * sectorLength };
      const number = partitions.length + 1;
      partitions.push({
        number,
        ...container,
        placement: "extended",
        typeId: extendedType,
        bootable: false,
      });
      for (const [index, { offset, length, rest }] of inner.runs.entries()) {
        partitions.push({ number: 5 + index, offset, length, placement: "logical", ...rest });
      }
    }
    return {
      kind: "mbr",
      sectorLength,
      diskLength: (inner.end + 1 + tail + 5 * grain) * sectorLength,
      diskId: `0x${signature.toString(16).padStart(8, "0")}`,
      partitions,
    };
  });
