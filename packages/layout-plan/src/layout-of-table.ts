import { formatByteLength } from "@bootstamp/declaration";
import type { TextPosition } from "@bootstamp/declaration";
import type { GptPartitionDescription, MbrPartitionDescription, TableDescription } from "@bootstamp/layout";
import { namesOf } from "./attribute-names.ts";
import type { FileSystemChoice, Layout, PartitionContent } from "./layout.ts";
import { typeNameOf } from "./partition-types.ts";
import { plainDocument } from "./plain-document.ts";
import type { PlannedLayout } from "./planned-layout.ts";
import { layoutOf } from "./read-layout.ts";

/** What a layout says of a partition that its table does not. */
export interface PartitionExtras {
  /** Of a partition of an MBR, which has no name of its own. */
  readonly name?: string;
  readonly variable?: boolean;
  readonly grows?: boolean;
  readonly reserve?: number;
  readonly content?: PartitionContent;
}

/**
 * The layout of an existing table: every number, place, id, type and attribute as it is, so that its plan is that table
 * again. `extras` are by partition number. `file` is what messages call the image.
 *
 * @throws LayoutPlanError for a table that no layout can say, such as one with two partitions of one name.
 */
export function layoutOfTable(
  file: string,
  table: TableDescription,
  extras: ReadonlyMap<number, PartitionExtras> = new Map(),
): Layout {
  const position: TextPosition = { file, line: 1, column: 1 };
  return layoutOf(plainDocument(written(table, extras), () => position));
}

/** The layout that says a plan in numbers: planned again, it is the same. */
export function layoutOfPlan(planned: PlannedLayout): Layout {
  const positions = planned.partitions.map(({ position }) => position);
  const [first = { file: "layout", line: 1, column: 1 }] = positions;
  const extras = new Map(planned.partitions.map((partition) => [partition.number, partition]));
  return layoutOf(
    plainDocument(written(planned.table, extras), ([, index]) =>
      typeof index === "number" ? (positions[index] ?? first) : first,
    ),
  );
}

function written(table: TableDescription, extras: ReadonlyMap<number, PartitionExtras>): unknown {
  const { kind, sectorLength, diskLength, diskId } = table;
  const head = {
    version: 1,
    table: kind,
    sectors: sectorLength,
    size: formatByteLength(diskLength),
    "disk-id": diskId,
    align: sectorLength,
  };
  if (kind === "mbr") {
    const partitions = table.partitions.map((partition) =>
      writtenMbr(partition, extras.get(partition.number)),
    );
    return { ...head, partitions };
  }
  const { usable, entryCount, partitions } = table;
  return {
    ...head,
    ...(usable === undefined ? {} : { first: formatByteLength(usable.offset) }),
    ...(entryCount === undefined || entryCount === 128 ? {} : { entries: entryCount }),
    partitions: partitions.map((partition) => writtenGpt(partition, extras.get(partition.number))),
  };
}

function writtenGpt(partition: GptPartitionDescription, extras: PartitionExtras = {}): unknown {
  const { number, offset, length, typeId, uniqueId, name, attributes } = partition;
  return {
    ...(name === "" ? {} : { name }),
    number,
    type: typeNameOf(typeId) ?? typeId,
    uuid: uniqueId,
    offset: formatByteLength(offset),
    size: formatByteLength(length),
    ...(attributes.length === 0 ? {} : { attributes: namesOf(attributes) }),
    ...writtenExtras(extras),
  };
}

function writtenMbr(partition: MbrPartitionDescription, extras: PartitionExtras = {}): unknown {
  const { number, offset, length, typeId, placement, bootable } = partition;
  return {
    ...(extras.name === undefined || extras.name === "" ? {} : { name: extras.name }),
    number,
    type: typeNameOf(typeId) ?? typeId,
    offset: formatByteLength(offset),
    size: formatByteLength(length),
    ...(bootable ? { bootable } : {}),
    ...(placement === "logical" ? { logical: true } : {}),
    ...writtenExtras(extras),
  };
}

function writtenExtras({ variable, grows, reserve, content }: PartitionExtras): object {
  return {
    ...(variable === true ? { variable } : {}),
    ...(grows === true ? { grows } : {}),
    ...(reserve === undefined || reserve === 0 ? {} : { reserve: formatByteLength(reserve) }),
    ...(content === undefined ? {} : writtenContent(content)),
  };
}

function writtenContent(content: PartitionContent): object {
  if (content.kind === "nothing") return {};
  if (content.kind === "image") return { image: content.path };
  const made = writtenFileSystem(content.fileSystem);
  return content.kind === "directory" ? { directory: content.path, ...made } : made;
}

function writtenFileSystem({ name, label, uuid }: FileSystemChoice): object {
  const id = name === "fat" ? `${uuid.slice(0, 4)}-${uuid.slice(4)}` : uuid;
  return { "file-system": name, "file-system-label": label, "file-system-uuid": id };
}
