import { Document, isMap, isScalar, isSeq, visit } from "yaml";

/**
 * Writes a value of plain maps, lists and scalars as a YAML 1.2 document that {@link parseYaml} reads back to the same
 * value. Keys with the value undefined are left out; the order of keys stays; nothing is anchored or folded. `comment`
 * stands at the head, each of its lines behind a "#".
 */
export function formatYaml(value: unknown, comment: string = ""): string {
  const document = new Document(value, { version: "1.2", aliasDuplicateObjects: false });
  if (comment !== "") document.commentBefore = comment.replaceAll(/^/gm, " ");
  visit(document, {
    Seq: (_key, node) => void (node.flow = node.items.every((item) => isScalar(item))),
    Map: (_key, node, path) => {
      const isItem = isSeq(path.at(-1));
      node.flow =
        !isItem && path.length > 1 && node.items.every((pair) => !isMap(pair.value) && !isSeq(pair.value));
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
