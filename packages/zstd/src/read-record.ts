import type { ByteSource } from "@bootstamp/byte-source";
import { damaged, inconsistent } from "./map-fault.ts";
import type { SeekTable } from "./read-seek-table.ts";
import {
  beginsAsRecord,
  type FileRecord,
  hasRecordNumber,
  isRecordBehindMagic,
  maxRecordLength,
  parseRecord,
  recordSignatureLength,
} from "./record.ts";
import { checksumFlag } from "./seek-table.ts";
import { emptyChecksum } from "./xxh64.ts";

/**
 * Reads the record before the seek table, which only files of ours have.
 * @throws MapError `MAP_DAMAGED`, `MAP_VERSION`, `MAP_INCONSISTENT`.
 */
export async function readRecord(packed: ByteSource, table: SeekTable): Promise<FileRecord | undefined> {
  const index = table.entryCount - 1;
  if (index < 0 || table.rawLength(index) !== 0) return undefined;
  const length = table.packedLength(index);
  const offset = table.offset - length;
  const beginning = await packed.read(offset, Math.min(length, recordSignatureLength));
  if (!beginsAsRecord(beginning)) {
    if (
      hasRecordNumber(beginning) &&
      length <= maxRecordLength &&
      isRecordBehindMagic(await packed.read(offset, length))
    )
      throw damaged("the record's magic is not the one that its checksum was made with");
    return undefined;
  }
  if (length > maxRecordLength) throw damaged(`a record of ${length} bytes`);
  const record = parseRecord(await packed.read(offset, length));
  checkTable(table, record);
  return record;
}

/**
 * Throws `MAP_INCONSISTENT` unless the table is as a file with a record has it: as many frames, each with its checksum,
 * and no bit that means nothing set.
 */
function checkTable(table: SeekTable, { kinds, rawLength }: FileRecord): void {
  const segmentCount = kinds.reduce((sum, { count }) => sum + count, 0);
  // An image of nothing has a frame that comes to nothing.
  const expected = Math.max(segmentCount, 1) + 1;
  if (table.entryCount !== expected) {
    throw inconsistent(
      `the seek table has ${table.entryCount} frames, the record's runs come to ${expected}`,
    );
  }
  if ((segmentCount === 0) !== (rawLength === 0)) {
    throw inconsistent(`${segmentCount} segments for ${rawLength} bytes`);
  }
  if (table.descriptor !== checksumFlag || table.checksum(expected - 1) !== emptyChecksum) {
    throw inconsistent("the seek table does not have the checksums that it should have");
  }
}
