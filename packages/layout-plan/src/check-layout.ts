import { quote, type YamlPath } from "@bootstamp/declaration";
import { checkContent } from "./check-content.ts";
import { checkUnique } from "./check-unique.ts";
import type { Complain } from "./complain.ts";
import type { LayoutFile, PartitionItem } from "./layout-file.ts";
import { isExtendedType } from "./partition-types.ts";

/** What is not in the items themselves. */
export interface LayoutTexts {
  /** By partition; "" where the type is unknown, which has been complained of. */
  readonly typeIds: readonly string[];
  /** A scalar as it is written. */
  readonly textAt: (path: YamlPath) => string;
}

/** Complains of all that is wrong with a layout whatever its images' sectors are. */
export function checkLayout(file: LayoutFile, texts: LayoutTexts, complain: Complain): void {
  checkDiskId(file, texts, complain);
  if (file.table === "mbr") checkMbr(file, texts.typeIds, complain);
  for (const [index, item] of file.partitions.entries()) {
    const at: YamlPath = ["partitions", index];
    checkName(item, at, complain);
    checkSize(item, at, complain);
    checkContent(item, { at, textAt: texts.textAt }, complain);
    if (file.table === "gpt") checkGptPartition(file, item, at, complain);
    else checkMbrPartition(item, texts.typeIds[index] ?? "", at, complain);
  }
  checkUnique(file, complain);
}

const zeroGuid = "00000000-0000-0000-0000-000000000000";

function checkDiskId(file: LayoutFile, { textAt }: LayoutTexts, complain: Complain): void {
  if (file["disk-id"] === undefined) return;
  const text = textAt(["disk-id"]);
  const isGuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) && text !== zeroGuid;
  if (file.table === "gpt" ? isGuid : /^0x[0-9a-f]{8}$/i.test(text)) return;
  const expected =
    file.table === "gpt" ? "a GUID" : "a signature of eight hexadecimal digits such as 0x1234abcd";
  complain(
    "PLAN_VALUE",
    ["disk-id"],
    `the disk's id in a table of kind ${file.table} is ${expected}, got ${quote(text)}`,
  );
}

/** UEFI 2.10 table 5-6: PartitionName has 72 bytes. */
const nameLength = 36;

function checkName({ name }: PartitionItem, at: YamlPath, complain: Complain): void {
  if (name.length > nameLength)
    complain(
      "PLAN_VALUE",
      [...at, "name"],
      `a name has at most ${nameLength} UTF-16 units, ${quote(name)} has ${name.length}`,
    );
  if (name.includes("\0")) complain("PLAN_VALUE", [...at, "name"], "a name has no null characters in it");
}

function checkSize(item: PartitionItem, at: YamlPath, complain: Complain): void {
  const { size, min, max, padding } = item;
  for (const key of ["min", "max", "weight"] as const)
    if (size !== undefined && item[key] !== undefined)
      complain(
        "PLAN_VALUE",
        [...at, key],
        `"size", "${key}": only one can be; a partition without "size" shares what is left`,
      );
  if (min !== undefined && max !== undefined && min > max)
    complain(
      "PLAN_VALUE",
      [...at, "max"],
      `the greatest length of ${max} bytes is below the least of ${min}`,
    );
  if (padding.max !== undefined && padding.min > padding.max)
    complain(
      "PLAN_VALUE",
      [...at, "padding"],
      `the greatest padding of ${padding.max} bytes is below the least of ${padding.min}`,
    );
}

function checkGptPartition(file: LayoutFile, item: PartitionItem, at: YamlPath, complain: Complain): void {
  if (item.logical === true) complain("PLAN_VALUE", [...at, "logical"], "a GPT has no logical partitions");
  if (item.uuid === zeroGuid)
    complain("PLAN_VALUE", [...at, "uuid"], "the GUID of a partition cannot be all zero");
  if (item.number !== undefined && item.number > file.entries)
    complain(
      "PLAN_TABLE_LIMIT",
      [...at, "number"],
      `the table has room for ${file.entries} partitions, there is no number ${item.number}`,
    );
}

function checkMbrPartition(item: PartitionItem, typeId: string, at: YamlPath, complain: Complain): void {
  if (item.uuid !== undefined) complain("PLAN_VALUE", [...at, "uuid"], "partitions of an MBR have no GUIDs");
  if (item.attributes.length > 0)
    complain("PLAN_VALUE", [...at, "attributes"], "partitions of an MBR have no attributes but bootable");
  if (isExtendedType(typeId)) checkExtended(item, at, complain);
  const [lowest, highest] = item.logical === true ? [5, 1024] : [1, 4];
  const { number } = item;
  if (number !== undefined && item.logical !== undefined && (number < lowest || number > highest))
    complain(
      "PLAN_TABLE_LIMIT",
      [...at, "number"],
      `${item.logical ? "logical" : "primary"} partitions of an MBR have numbers ${item.logical ? "from 5" : "1 to 4"}, got ${number}`,
    );
}

function checkExtended(item: PartitionItem, at: YamlPath, complain: Complain): void {
  if (item.logical === true)
    complain("PLAN_VALUE", [...at, "logical"], "an extended partition is no logical one");
  for (const key of ["image", "file-system", "min", "max", "weight"] as const)
    if (item[key] !== undefined)
      complain(
        "PLAN_VALUE",
        [...at, key],
        `an extended partition only contains the logical ones: "${key}" is none of its keys`,
      );
  if (item.variable)
    complain("PLAN_VALUE", [...at, "variable"], "an extended partition has no content that could vary");
}

function checkMbr(file: LayoutFile, typeIds: readonly string[], complain: Complain): void {
  const [, second] = [...typeIds.keys()].filter((index) => isExtendedType(typeIds[index] ?? ""));
  if (second !== undefined)
    complain("PLAN_TABLE_LIMIT", ["partitions", second], "an MBR has one extended partition at most");
  const logicals = [...file.partitions.keys()].filter((index) => file.partitions[index]?.logical === true);
  const [first = 0] = logicals;
  const gap = logicals.find((index, order) => index !== first + order);
  if (gap !== undefined)
    complain(
      "PLAN_VALUE",
      ["partitions", gap, "logical"],
      "logical partitions stand one behind the other, with no primary one between them",
    );
  const extended = typeIds.findIndex(isExtendedType);
  if (extended !== -1 && logicals.length > 0 && extended > first)
    complain(
      "PLAN_VALUE",
      ["partitions", extended],
      "the extended partition stands before the logical ones in the list",
    );
}
