import { checkOverwrites, overwrittenSource } from "@bootstamp/byte-source";
import { overwrittenCrc64nvme } from "./overwritten-crc.ts";
import { promptSource } from "./prompt-source.ts";
import type { Stamped, StampRequest } from "./stamp-file.ts";
import { verifyStamped } from "./verify-stamped.ts";

/**
 * Works out what `stampFile` would make, and reads that back, without making a file. Costs O(patch).
 * @throws MapError `MAP_PATCH_NOT_STORED`, `MAP_PATCH_OTHER_BASE`; StampError `STAMP_VERIFY_FAILED`; SourceError.
 */
export async function foretellStamped(
  request: Pick<StampRequest, "format" | "map" | "stampable" | "patch" | "stampableCrc64nvme">,
): Promise<Stamped> {
  const { format, map, stampable, patch, stampableCrc64nvme: before } = request;
  const packed = promptSource(stampable);
  const { writes, rawCrc32 } = await format.seal(map, patch, packed);
  checkOverwrites(stampable.length, writes);
  await verifyStamped(format, map, patch, overwrittenSource(packed, writes));
  const packedCrc64nvme =
    before === undefined ? undefined : await overwrittenCrc64nvme(before, packed, writes);
  return { length: stampable.length, rawCrc32, packedCrc64nvme, writes };
}
