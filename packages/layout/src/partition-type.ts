import { gptTypes } from "./gpt-types.ts";
import { isGuid } from "./guid.ts";
import { LayoutError } from "./layout-error.ts";
import { mbrTypes } from "./mbr-types.ts";
import type { Partition } from "./partition-table.ts";

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
