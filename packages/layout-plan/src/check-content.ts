import { quote, type YamlPath } from "@bootstamp/declaration";
import type { Complain } from "./complain.ts";
import { fileSystemId, labelFault } from "./file-system-choice.ts";
import type { PartitionItem } from "./layout-file.ts";

/** Where a partition stands, and its scalars as they are written. */
interface Place {
  readonly at: YamlPath;
  readonly textAt: (path: YamlPath) => string;
}

const made = ["directory", "file-system", "file-system-label", "file-system-uuid"] as const;

/** Complains of what a partition should be filled with. */
export function checkContent(item: PartitionItem, { at, textAt }: Place, complain: Complain): void {
  const fileSystem = item["file-system"];
  if (item.image !== undefined)
    for (const key of made.filter((each) => item[each] !== undefined))
      complain(
        "PLAN_VALUE",
        [...at, key],
        `"image", "${key}": only one can be; an image has a file system already`,
      );
  else if (fileSystem === undefined)
    for (const key of made.filter((each) => item[each] !== undefined))
      complain("PLAN_MISSING_KEY", [...at, key], `"${key}" needs a "file-system": fat or ext4`);
  if (fileSystem === undefined) return;
  const label = item["file-system-label"];
  const fault = label === undefined ? undefined : labelFault(fileSystem, label);
  if (fault !== undefined) complain("PLAN_VALUE", [...at, "file-system-label"], fault);
  if (item["file-system-uuid"] === undefined) return;
  const text = textAt([...at, "file-system-uuid"]);
  if (fileSystemId(fileSystem, text) === undefined)
    complain(
      "PLAN_VALUE",
      [...at, "file-system-uuid"],
      `expected ${fileSystem === "fat" ? `eight hexadecimal digits such as "7B77-95E7"` : "a GUID"}, got ${quote(text)}`,
    );
}
