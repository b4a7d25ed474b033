import { quote, suggest } from "@bootstamp/declaration";
import { LayoutError, partitionTypeId, partitionTypeNames } from "@bootstamp/layout";
import type { LayoutFile } from "./layout-file.ts";

/** System ids of an MBR under which a partition contains the logical ones. */
const extendedTypeIds: ReadonlySet<string> = new Set(["0x05", "0x0f", "0x85"]);

/** The type of an extended partition that nobody wrote: by LBA, as genimage has it. */
export const extendedTypeId = "0x0f";

/** System ids under which firmware that reads an MBR looks for a FAT file system. */
const firmwareTypeIds: ReadonlySet<string> = new Set([
  "0x01",
  "0x04",
  "0x06",
  "0x0b",
  "0x0c",
  "0x0e",
  "0xef",
]);

export function isExtendedType(typeId: string): boolean {
  return extendedTypeIds.has(typeId);
}

export function isFirmwareFat(typeId: string): boolean {
  return firmwareTypeIds.has(typeId);
}

/** What `text` names in a table of this kind, or why it names nothing. */
export function typeIdOf(
  { table, architecture }: Pick<LayoutFile, "table" | "architecture">,
  text: string,
): { readonly typeId: string } | { readonly fault: string } {
  const local = /^(root|usr)(-verity|-verity-sig)?$/.exec(text.toLowerCase());
  if (local !== null && architecture === undefined && table === "gpt")
    return {
      fault: `which ${quote(text)} is meant depends on the architecture: write ${local[1]}-x86-64${local[2] ?? ""} or the like, or give the layout an "architecture"`,
    };
  // sfdisk writes system ids without 0x
  const hex = table === "mbr" && /^[0-9a-f]{2}$/i.test(text) ? `0x${text}` : text;
  const name = local === null || table === "mbr" ? hex : `${local[1]}-${architecture}${local[2] ?? ""}`;
  try {
    return { typeId: partitionTypeId(table, name) };
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    const known = partitionTypeNames(table);
    const hint = suggest(text, known);
    const expected = table === "gpt" ? "a GUID" : "an id such as 0x0c";
    return {
      fault: hint.startsWith(",")
        ? `unknown partition type ${quote(text)}${hint}`
        : `unknown partition type ${quote(text)} in a table of kind ${table}: expected ${expected}, or a name such as ${known.slice(0, 4).join(", ")}`,
    };
  }
}

const namesOfTypes: ReadonlyMap<string, string> = new Map(
  (["gpt", "mbr"] as const).flatMap((table) =>
    partitionTypeNames(table).map((name) => [partitionTypeId(table, name), name] as const),
  ),
);

/** The identifier of a type, as systemd-repart spells it; undefined if it has none. */
export function typeNameOf(typeId: string): string | undefined {
  return namesOfTypes.get(typeId);
}
