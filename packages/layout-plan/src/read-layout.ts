import { parseYaml, refuseAll, validate, type YamlDocument, type YamlPath } from "@bootstamp/declaration";
import { deriveDiskSignature, deriveId, derivePartitionIds, seedOf } from "@bootstamp/layout";
import { checkLayout } from "./check-layout.ts";
import type { Complain } from "./complain.ts";
import type { FileSystemChoice, Layout, LayoutPartition, PartitionContent } from "./layout.ts";
import type { LayoutFile, PartitionItem } from "./layout-file.ts";
import { layoutKind, LayoutPlanError, type LayoutComplaint, type LayoutNote } from "./layout-plan-error.ts";
import { layoutSchema } from "./layout-schema.ts";
import { refuseLong } from "./text-limit.ts";
import { bitsOf } from "./attribute-names.ts";
import { derivedFileSystemId, fileSystemId, labelOfName } from "./file-system-choice.ts";
import { isExtendedType, typeIdOf } from "./partition-types.ts";

/**
 * Reads a layout file, whose `text` the caller has read: `file` is what messages call it. Reads nothing that it names.
 *
 * @throws LayoutPlanError with every complaint that was found: all of the syntax, else all of the keys and values.
 */
export function parseLayout(file: string, text: string): Layout {
  refuseLong([{ path: file, text }]);
  const document = parseYaml(layoutKind, file, text);
  if (document.value === null)
    throw new LayoutPlanError([
      { code: "PLAN_SYNTAX", position: document.positionOf([]), message: "the layout is empty" },
    ]);
  return layoutOf(document);
}

/**
 * Checks and resolves what a document holds, whatever it was made from.
 *
 * @throws LayoutPlanError with every complaint.
 */
export function layoutOf(document: YamlDocument, notes: readonly LayoutNote[] = []): Layout {
  const complaints: LayoutComplaint[] = [];
  const file = validate(layoutKind, layoutSchema, document, complaints);
  refuseAll(layoutKind, complaints);
  if (file === undefined) throw new Error("internal error: a layout that is wrong without a complaint");
  const complain: Complain = (code, path, message) =>
    void complaints.push({ code, position: document.positionOf(path), message });
  const typeIds = file.partitions.map((_, index) => readType(file, document, index, complain));
  checkLayout(file, { typeIds, textAt: document.textAt }, complain);
  refuseAll(layoutKind, complaints);
  return { ...resolve(file, document, typeIds), notes };
}

function readType(file: LayoutFile, document: YamlDocument, index: number, complain: Complain): string {
  const path: YamlPath = ["partitions", index, "type"];
  // a default is not in the file
  const found = typeIdOf(file, document.textAt(path) || String(file.partitions[index]?.type));
  if ("typeId" in found) return found.typeId;
  complain("PLAN_TYPE_UNKNOWN", path, found.fault);
  return "";
}

function resolve(
  file: LayoutFile,
  document: YamlDocument,
  typeIds: readonly string[],
): Omit<Layout, "notes"> {
  const seed = seedFor(file, typeIds);
  const uuids = partitionIds(file, seed, typeIds);
  const inferred = inferredLogicals(file, typeIds);
  return {
    table: file.table,
    sectors: file.sectors,
    size: file.size,
    diskId: diskIdOf(file, document, seed),
    align: file.align,
    first: file.first,
    entries: file.entries,
    order: file.order,
    partitions: file.partitions.map((item, index) =>
      resolvePartition(item, {
        index,
        typeId: typeIds[index] ?? "",
        uuid: uuids[index] ?? "",
        isLogical: item.logical ?? inferred.has(index),
        textAt: document.textAt,
      }),
    ),
    document,
  };
}

/** One layout, one set of ids, whatever its sizes: two layouts with the same partitions need a seed each. */
function seedFor(file: LayoutFile, typeIds: readonly string[]): string {
  const { seed } = file;
  if (seed !== undefined) return isGuid(seed) ? seed : seedOf(seed);
  const partitions = file.partitions.map(({ name }, index) => [typeIds[index], name]);
  return seedOf(JSON.stringify(["bootstamp layout 1", file.table, partitions]));
}

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function diskIdOf(file: LayoutFile, document: YamlDocument, seed: string): string {
  if (file["disk-id"] !== undefined) return document.textAt(["disk-id"]).toLowerCase();
  return file.table === "gpt" ? deriveId(seed, "disk-uuid") : deriveDiskSignature(seed);
}

/** MBR partitions have no ids: theirs are made of their types, as GUIDs whose other digits are zero. */
function partitionIds(file: LayoutFile, seed: string, typeIds: readonly string[]): readonly string[] {
  const types =
    file.table === "gpt"
      ? typeIds
      : typeIds.map((typeId) => `00000000-0000-0000-0000-0000000000${typeId.slice(2)}`);
  const derived = derivePartitionIds(seed, types);
  return file.partitions.map(({ uuid }, index) => uuid?.toLowerCase() ?? derived[index] ?? "");
}

/** genimage's rule: of more than four partitions of an MBR, the fourth and all behind it are logical. */
function inferredLogicals(file: LayoutFile, typeIds: readonly string[]): ReadonlySet<number> {
  const isTold = file.partitions.some(
    ({ logical }, index) => logical !== undefined || isExtendedType(typeIds[index] ?? ""),
  );
  if (file.table === "gpt" || isTold || file.partitions.length <= 4) return new Set();
  return new Set([...file.partitions.keys()].slice(3));
}

interface Resolved {
  readonly index: number;
  readonly typeId: string;
  readonly uuid: string;
  readonly isLogical: boolean;
  readonly textAt: YamlDocument["textAt"];
}

function resolvePartition(item: PartitionItem, resolved: Resolved): LayoutPartition {
  const { index, typeId, uuid, isLogical } = resolved;
  const isExtended = typeId.startsWith("0x") && isExtendedType(typeId);
  const { number, size, min, max, weight, offset, align } = item;
  const isBootableGpt = item.bootable && isGuid(typeId);
  return {
    index,
    typeId,
    uuid,
    number,
    size,
    min,
    max,
    weight,
    offset,
    align,
    name: item.name,
    placement: isExtended ? "extended" : isLogical ? "logical" : "primary",
    padding: item.padding,
    attributes: bitsOf(isBootableGpt ? [...item.attributes, 2] : item.attributes),
    bootable: item.bootable,
    priority: item.priority,
    variable: item.variable,
    grows: item.grows,
    reserve: item.reserve,
    content: contentOf(item, resolved),
  };
}

function contentOf(item: PartitionItem, resolved: Resolved): PartitionContent {
  if (item.image !== undefined) return { kind: "image", path: item.image };
  const name = item["file-system"];
  if (name === undefined) return { kind: "nothing" };
  const written = resolved.textAt(["partitions", resolved.index, "file-system-uuid"]);
  const given = item["file-system-uuid"] === undefined ? undefined : fileSystemId(name, written);
  const fileSystem: FileSystemChoice = {
    name,
    label: item["file-system-label"] ?? labelOfName(name, item.name),
    uuid: given ?? derivedFileSystemId(name, resolved.uuid),
  };
  if (item.directory === undefined) return { kind: "file-system", fileSystem };
  return { kind: "directory", path: item.directory, fileSystem };
}
