import { formatYaml } from "@bootstamp/declaration";
import type { Layout } from "./layout.ts";

/**
 * Writes a layout as YAML that `parseLayout` reads back to the same: what was written or imported, without the comments
 * of the original. `comment` stands at the head.
 */
export function formatLayout(layout: Layout, comment: string = ""): string {
  return formatYaml(withTextsSpelled(layout), comment);
}

/** Scalars whose spelling matters are written as texts: 0x0c would come out as 12. */
function withTextsSpelled({ document }: Layout): unknown {
  const { value, textAt } = document;
  if (!isMap(value)) return value;
  const list = value["partitions"];
  if (!Array.isArray(list)) return value;
  const partitions = list.map((item: unknown, index) =>
    isMap(item)
      ? spelled(item, ["type", "file-system-uuid"], (key) => textAt(["partitions", index, key]))
      : item,
  );
  return spelled({ ...value, partitions }, ["disk-id"], (key) => textAt([key]));
}

function spelled(
  map: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  textOf: (key: string) => string,
): unknown {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key, keys.includes(key) ? textOf(key) : value]),
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
