import type { TextPosition, YamlDocument, YamlPath } from "@bootstamp/declaration";

/** A document that was not read from YAML: `value` is what YAML would have come to, `positionOf` where it was said. */
export function plainDocument(value: unknown, positionOf: (path: YamlPath) => TextPosition): YamlDocument {
  return {
    value,
    positionOf,
    positionOfKey: positionOf,
    positionInText: positionOf,
    textAt: (path) => textAt(value, path),
  };
}

function textAt(root: unknown, path: YamlPath): string {
  let value: unknown = root;
  for (const step of path)
    value = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
