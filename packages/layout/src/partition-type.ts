import { gptTypes } from "./gpt-types.ts";
import { isGuid, zeroGuid } from "./guid.ts";
import { LayoutError } from "./layout-error.ts";
import { mbrTypes } from "./mbr-types.ts";
import type { Partition } from "./partition-table.ts";
import { gptShortcuts, mbrShortcuts } from "./type-shortcuts.ts";

const gptNames: ReadonlyMap<string, string> = new Map(
  Object.entries(gptTypes).map(([name, guid]) => [guid, name]),
);
const mbrNames: ReadonlyMap<number, string> = new Map(
  Object.entries(mbrTypes).map(([name, id]) => [id, name]),
);

export function gptTypeName(guid: string): string | undefined {
  return gptNames.get(guid);
}

export function mbrTypeName(systemId: number): string | undefined {
  return mbrNames.get(systemId);
}

/** An MBR system id as {@link Partition.typeId} spells it. */
export function mbrTypeId(systemId: number): string {
  return `0x${systemId.toString(16).padStart(2, "0")}`;
}

/**
 * A test for partitions of type `text`: a GUID, an MBR system id as "0x0c", or an identifier such as "esp".
 * @throws LayoutError `LAYOUT_TYPE_UNKNOWN` if it is none of these.
 */
export function typeMatcher(text: string): (partition: Partition) => boolean {
  const wanted = text.toLowerCase();
  if (isGuid(wanted)) return (partition) => partition.typeId === wanted;
  if (/^0x[0-9a-f]{1,2}$/.test(wanted)) {
    const typeId = mbrTypeId(Number(wanted));
    return (partition) => partition.typeId === typeId;
  }
  if (Object.hasOwn(gptTypes, wanted) || Object.hasOwn(mbrTypes, wanted)) {
    return (partition) => partition.typeName === wanted;
  }
  throw new LayoutError(
    "LAYOUT_TYPE_UNKNOWN",
    `unknown partition type ${JSON.stringify(text)}: expected a GUID, an MBR id such as 0x0c, or an identifier such as esp, xbootldr, linux-generic`,
    { type: text },
  );
}

/** The identifiers that {@link partitionTypeId} knows for a kind of table, for suggestions. */
export function partitionTypeNames(kind: "gpt" | "mbr"): readonly string[] {
  return Object.keys(kind === "gpt" ? gptTypes : mbrTypes);
}

/**
 * What a table of `kind` writes for the type `text`: a GUID in lower case, or a system id as "0x0c". `text` is either of
 * these, an identifier as systemd-repart spells it ("esp", "root-x86-64"), or a shortcut of genimage or sfdisk ("L").
 * @throws LayoutError `LAYOUT_TYPE_UNKNOWN` if it is none of these, or none that such a table has.
 */
export function partitionTypeId(kind: "gpt" | "mbr", text: string): string {
  const shortcuts = kind === "gpt" ? gptShortcuts : mbrShortcuts;
  const name = Object.hasOwn(shortcuts, text) ? (shortcuts[text] ?? text) : text.toLowerCase();
  const id = kind === "gpt" ? gptTypeId(name) : mbrTypeIdOf(name);
  if (id !== undefined) return id;
  const expected =
    kind === "gpt"
      ? "a GUID or an identifier such as esp, xbootldr, linux-generic"
      : "an id from 0x01 to 0xff or an identifier such as fat32-lba, esp, linux-generic";
  throw new LayoutError(
    "LAYOUT_TYPE_UNKNOWN",
    `unknown partition type ${JSON.stringify(text)} for a table of kind ${kind}: expected ${expected}`,
    { type: text, kind },
  );
}

function gptTypeId(name: string): string | undefined {
  if (isGuid(name) && name !== zeroGuid) return name;
  return Object.hasOwn(gptTypes, name) ? gptTypes[name] : undefined;
}

function mbrTypeIdOf(name: string): string | undefined {
  const systemId = /^0x[0-9a-f]{1,2}$/.test(name)
    ? Number(name)
    : Object.hasOwn(mbrTypes, name)
      ? mbrTypes[name]
      : 0;
  return systemId === undefined || systemId === 0 ? undefined : mbrTypeId(systemId);
}
