import { formatByteLength, parseByteLength } from "@bootstamp/declaration";
import {
  positionsIn,
  refuseAll,
  suggest,
  quote,
  type TextPosition,
  type YamlPath,
} from "@bootstamp/declaration";
import type { Layout } from "./layout.ts";
import { layoutKind, type LayoutComplaint, type LayoutPlanErrorCode } from "./layout-plan-error.ts";
import { plainDocument } from "./plain-document.ts";
import { layoutOf } from "./read-layout.ts";
import { refuseLong } from "./text-limit.ts";
import { splitFields, type SfdiskField } from "./sfdisk-line.ts";

/** What is read so far of a dump. */
interface Dump {
  readonly at: (offset: number) => TextPosition;
  readonly complain: (offset: number, message: string, code?: LayoutPlanErrorCode) => void;
  readonly headers: Map<string, { readonly text: string; readonly offset: number }>;
  readonly partitions: Record<string, unknown>[];
  /** By partition: where it starts in the text, and each of its keys. */
  readonly places: Map<string, number>[];
}

/**
 * Reads what `sfdisk --dump` writes of a GPT or MBR as a layout: with all its numbers, places, ids, types and
 * attributes. A script that leaves out starts, sizes, ids or types can be read as well; what it leaves out is as in a
 * layout. `file` is what messages call it. The image is as long as `last-lba` says; without that it fits the partitions.
 *
 * @throws LayoutPlanError with every complaint: PLAN_IMPORT for lines and fields that cannot be taken, else as
 * `parseLayout`.
 */
export function importSfdisk(file: string, text: string): Layout {
  refuseLong([{ path: file, text }]);
  const at = positionsIn(file, text);
  const complaints: LayoutComplaint[] = [];
  const dump: Dump = {
    at,
    complain: (offset, message, code = "PLAN_IMPORT") =>
      void complaints.push({ code, position: at(offset), message }),
    headers: new Map(),
    partitions: [],
    places: [],
  };
  for (const { 0: line, index } of text.matchAll(/[^\n]+/g)) readLine(dump, line.replace(/\r$/, ""), index);
  const value = layoutValue(dump);
  refuseAll(layoutKind, complaints);
  return layoutOf(plainDocument(value, (path) => at(offsetOf(dump, path))));
}

const headerNames = [
  "label",
  "label-id",
  "device",
  "unit",
  "first-lba",
  "last-lba",
  "table-length",
  "sector-size",
  "grain",
];

/** Longer than any that sfdisk writes. */
const longestLine = 4096;
/** As many as a layout has. */
const mostPartitions = 1024;

function readLine(dump: Dump, line: string, offset: number): void {
  if (line.length > longestLine)
    return dump.complain(offset, `a line of ${line.length} characters: no dump has any above ${longestLine}`);
  if (/^\s*(#|$)/.test(line)) return;
  const header = /^\s*([a-z-]+)\s*:(.*)$/.exec(line);
  // the node of a partition has other characters in its name, or fields behind its colon
  if (header !== null && dump.partitions.length === 0 && !line.includes("=")) {
    const [, name = "", rest = ""] = header;
    const text = rest.trim();
    if (headerNames.includes(name)) dump.headers.set(name, { text, offset: offset + line.lastIndexOf(text) });
    else dump.complain(offset, `unknown header ${quote(name)}${suggest(name, headerNames)}`);
    return;
  }
  if (dump.partitions.length < mostPartitions) readPartition(dump, line, offset);
  else if (dump.partitions.push({}) === mostPartitions + 1)
    dump.complain(offset, `more than ${mostPartitions} partitions`);
}

/** The node is there in dumps, with the partition's number at its end. */
function readPartition(dump: Dump, line: string, offset: number): void {
  const colon = line.search(/:\s/);
  const isNode = colon !== -1 && !line.slice(0, colon).includes("=");
  const skipped = isNode ? colon + 1 : 0;
  const number = /\d+$/.exec(line.slice(0, colon).trimEnd().slice(-6))?.[0];
  const fields = splitFields(line.slice(skipped), offset + skipped);
  if ("message" in fields) return dump.complain(fields.offset, fields.message);
  const partition: Record<string, unknown> = isNode && number !== undefined ? { number: Number(number) } : {};
  const places = new Map([["", offset]]);
  for (const field of fields) readField(dump, field, partition, places);
  dump.partitions.push(partition);
  dump.places.push(places);
}

function readField(
  dump: Dump,
  field: SfdiskField,
  partition: Record<string, unknown>,
  places: Map<string, number>,
): void {
  const { key, keyOffset, value, valueOffset } = field;
  const put = (name: string, taken: unknown) => {
    places.set(name, valueOffset);
    if (name in partition) dump.complain(keyOffset, `${quote(key)} is there twice`);
    partition[name] = taken;
  };
  if (key === "bootable") return put("bootable", true);
  if (value === undefined || value === "")
    return dump.complain(keyOffset, `a value is expected behind ${quote(key)}`);
  switch (key) {
    case "start":
      return put("offset", lengthOf(dump, value, valueOffset));
    case "size":
      return value === "+" ? put("weight", 1000) : put("size", lengthOf(dump, value, valueOffset));
    case "type":
    case "id":
      return put("type", typeOf(dump, value));
    case "uuid":
      return put("uuid", value.toLowerCase());
    case "name":
      return put("name", value);
    case "attrs":
      return put("attributes", attributesOf(dump, value, valueOffset));
    default:
      return dump.complain(
        keyOffset,
        `unknown field ${quote(key)}${suggest(key, ["start", "size", "type", "uuid", "name", "attrs", "bootable"])}`,
      );
  }
}

/** Numbers are sectors, those with a unit bytes. */
function lengthOf(dump: Dump, value: string, offset: number): string | number {
  const bytes = /^\d+$/.test(value) ? Number(value) * sectorLengthOf(dump) : parseByteLength(value);
  if (bytes !== undefined && Number.isSafeInteger(bytes)) return formatByteLength(bytes);
  dump.complain(offset, `a number of sectors is expected, or a size such as 10MiB, got ${quote(value)}`);
  return 1;
}

function sectorLengthOf({ headers }: Dump): number {
  return headers.get("sector-size")?.text === "4096" ? 4096 : 512;
}

function isMbr({ headers }: Dump): boolean {
  return headers.get("label")?.text === "dos";
}

/** System ids are written without 0x: "c", "83". Shortcuts are capital letters, of which sfdisk takes E as extended. */
function typeOf(dump: Dump, value: string): string {
  return isMbr(dump) && /^[0-9a-f]{1,2}$/.test(value) ? `0x${value.padStart(2, "0")}` : value;
}

const attributeNames: Readonly<Record<string, string>> = {
  RequiredPartition: "required",
  NoBlockIOProtocol: "no-block-io",
  LegacyBIOSBootable: "legacy-bios-bootable",
};

/** Names and bit numbers, separated by blanks or commas: `RequiredPartition GUID:60,63`. */
function attributesOf(dump: Dump, value: string, offset: number): readonly (string | number)[] {
  return [...value.matchAll(/[^\s,]+/g)].flatMap(({ 0: word, index }) => {
    const bit = /^(?:GUID:)?(\d+)$/.exec(word)?.[1];
    const known = bit === undefined ? attributeNames[word] : Number(bit);
    if (known === undefined)
      dump.complain(
        offset + 1 + index,
        `unknown attribute ${quote(word)}${suggest(word, Object.keys(attributeNames))}`,
      );
    return known === undefined ? [] : [known];
  });
}

function layoutValue(dump: Dump): unknown {
  const { headers, partitions } = dump;
  const label = headers.get("label");
  if (label?.text !== "gpt" && label?.text !== "dos")
    dump.complain(
      label?.offset ?? 0,
      `a partition table of kind gpt or dos is expected, got ${quote(label?.text ?? "")}`,
    );
  const unit = headers.get("unit");
  if (unit !== undefined && unit.text !== "sectors")
    dump.complain(unit.offset, `the unit must be sectors, got ${quote(unit.text)}`);
  const sectorSize = headers.get("sector-size");
  if (sectorSize !== undefined && !["512", "4096"].includes(sectorSize.text))
    dump.complain(
      sectorSize.offset,
      `sectors of 512 or 4096 bytes are expected, got ${quote(sectorSize.text)}`,
    );
  const id = headers.get("label-id");
  const first = headerNumber(dump, "first-lba");
  const entries = headerNumber(dump, "table-length");
  return {
    version: 1,
    table: isMbr(dump) ? "mbr" : "gpt",
    sectors: sectorLengthOf(dump),
    size: imageLength(dump, entries ?? 128),
    ...(id === undefined ? {} : { "disk-id": id.text.toLowerCase() }),
    // starts are as they are
    align: partitions.every((partition) => "offset" in partition) ? sectorLengthOf(dump) : "1MiB",
    ...(first === undefined || isMbr(dump) ? {} : { first: formatByteLength(first * sectorLengthOf(dump)) }),
    ...(entries === undefined || entries === 128 ? {} : { entries }),
    partitions: isMbr(dump) ? withLogical(partitions) : partitions,
  };
}

function headerNumber(dump: Dump, name: string): number | undefined {
  const header = dump.headers.get(name);
  if (header === undefined) return undefined;
  if (/^\d{1,15}$/.test(header.text)) return Number(header.text);
  dump.complain(header.offset, `a number is expected for ${name}, got ${quote(header.text)}`);
  return undefined;
}

/** What is behind `last-lba`: the backup's entries, and its header. */
function imageLength(dump: Dump, entries: number): string | number {
  const last = headerNumber(dump, "last-lba");
  if (last === undefined || isMbr(dump)) return "fit";
  const sectorLength = sectorLengthOf(dump);
  return formatByteLength((last + 1 + Math.ceil((entries * 128) / sectorLength) + 1) * sectorLength);
}

/** In a dump, as Linux counts, logical partitions are those from 5 on. */
function withLogical(partitions: readonly Record<string, unknown>[]): readonly unknown[] {
  return partitions.map((partition) =>
    typeof partition["number"] === "number" && partition["number"] > 4
      ? { ...partition, logical: true }
      : partition,
  );
}

function offsetOf({ headers, places }: Dump, path: YamlPath): number {
  const [key, index, field] = path;
  if (key === "partitions" && typeof index === "number") {
    const place = places[index];
    return place?.get(typeof field === "string" ? field : "") ?? place?.get("") ?? 0;
  }
  const names: Readonly<Record<string, string>> = {
    table: "label",
    "disk-id": "label-id",
    size: "last-lba",
    first: "first-lba",
    entries: "table-length",
    sectors: "sector-size",
  };
  return headers.get(names[String(key)] ?? "")?.offset ?? 0;
}
