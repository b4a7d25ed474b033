import { stampIdentity } from "@bootstamp/stamp-file";
import { readStamp } from "../read-stamp.ts";
import { countText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { printable } from "../report/printable.ts";
import { crcText } from "@bootstamp/crc";

/** Shows what a stamp is for and what it changes. */
export async function showStamp(path: string, reporter: Reporter): Promise<void> {
  const stamp = await readStamp(path);
  const { name, base, result, artifacts, patch } = stamp;
  const changed = patch.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const runs = patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  const identity = stampIdentity(stamp);
  const shown = artifacts.map(({ crc64nvme, ...rest }) => ({
    ...rest,
    ...(crc64nvme === undefined ? {} : { crc64nvme: crc64nvme.toString(16).padStart(16, "0") }),
  }));
  reporter.tell({ event: "stamp", path, name, identity, base, result, artifacts: shown, runs }, [
    `${path}: stamp "${printable(name)}", ${identity}`,
    `  changes   ${sizeText(changed)} in ${countText(runs.length, "place")}`,
    `  base      ${sizeText(base.rawLength)}, CRC-32 ${crcText(base.rawCrc32)}${base.rawSha256 === undefined ? "" : `, SHA-256 ${base.rawSha256}`}`,
    `  result    CRC-32 ${crcText(result.rawCrc32)}${result.rawSha256 === undefined ? "" : `, SHA-256 ${result.rawSha256}`}`,
    ...artifacts.map(
      ({ format, length, sha256 }) =>
        `  ${`as .${format}`.padEnd(9)} ${sizeText(length)}${sha256 === undefined ? "" : `, SHA-256 ${sha256}`}`,
    ),
  ]);
}
