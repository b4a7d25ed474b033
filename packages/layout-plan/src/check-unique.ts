import { quote } from "@bootstamp/declaration";
import type { Complain } from "./complain.ts";
import type { LayoutFile, PartitionItem } from "./layout-file.ts";

type Key = "number" | "uuid" | "name" | "file-system-label";

/** Complains of what two partitions cannot both have, at the second of them. */
export function checkUnique({ partitions }: LayoutFile, complain: Complain): void {
  for (const key of ["number", "uuid", "name", "file-system-label"] as const) {
    const seen = new Map<string, number>();
    for (const [index, item] of partitions.entries()) {
      const value = comparable(item, key);
      const earlier = seen.get(value);
      if (value !== "" && earlier !== undefined)
        complain(
          "PLAN_DUPLICATE",
          ["partitions", index, key],
          `${described(item, key)} is that of partition ${ordinal(partitions, earlier)} in the list too`,
        );
      else seen.set(value, index);
    }
  }
}

function comparable(item: PartitionItem, key: Key): string {
  const text = String(item[key] ?? "");
  return key === "uuid" ? text.toLowerCase() : text;
}

function described(item: PartitionItem, key: Key): string {
  const noun = key === "file-system-label" ? "label" : key === "uuid" ? "GUID" : key;
  return `the ${noun} ${typeof item[key] === "number" ? item[key] : quote(String(item[key]))}`;
}

function ordinal(partitions: readonly PartitionItem[], index: number): string {
  const name = partitions[index]?.name ?? "";
  return name === "" ? String(index + 1) : `${index + 1} (${quote(name)})`;
}
