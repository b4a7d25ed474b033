/**
 * The bits of a GPT entry that have names. 0 to 2: UEFI 2.10 table 5-8; 59, 60 and 63: the Discoverable Partitions
 * Specification, "Partition Flags". 3 to 47 are reserved, 48 to 63 belong to the partition's type.
 */
export const attributeBits: Readonly<Record<string, number>> = {
  required: 0,
  "no-block-io": 1,
  "legacy-bios-bootable": 2,
  "grow-file-system": 59,
  "read-only": 60,
  "no-auto": 63,
};

const namesOfBits = new Map(Object.entries(attributeBits).map(([name, bit]) => [bit, name]));

/** The bits of a list of names and numbers, ascending, none twice. */
export function bitsOf(items: readonly (string | number)[]): readonly number[] {
  const bits = items.map((item) => (typeof item === "number" ? item : (attributeBits[item] ?? 0)));
  return [...new Set(bits)].toSorted((a, b) => a - b);
}

/** The name of each bit, or its number where it has none. */
export function namesOf(bits: readonly number[]): readonly (string | number)[] {
  return bits.map((bit) => namesOfBits.get(bit) ?? bit);
}
