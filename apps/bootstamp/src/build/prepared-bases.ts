// A directory of stampable images that jobs hand on to each other:
//
//   <identity>.gz        the stampable image; the name has the first 32 digits of its identity
//   <identity>.gz.json   what it is, written after it
import { copyFile } from "node:fs/promises";
import { constants, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Digester } from "@bootstamp/stamp";
import { explainWriteFailure, writeWholeFile, writeWholeText } from "@bootstamp/whole-file";
import { generator } from "../version.ts";
import { crc64OfFile } from "./file-crc.ts";

/** What the file beside a prepared base says of it. */
interface PreparedRecord {
  /** Another version may have made other bytes of the same inputs: what it prepared is not believed. */
  readonly program: string;
  readonly identity: string;
  readonly length: number;
  /** In hex. */
  readonly crc64nvme: string;
}

/** A stampable image to look for, or to keep. */
export interface WantedBase {
  readonly identity: string;
  /** Of its format, with the dot. */
  readonly extension: string;
}

/** Stampable images that were made once, for jobs on other machines. Any number of processes may use it at once. */
export interface PreparedBases {
  pathOf(wanted: WantedBase): string;
  /** The CRC-64/NVME of one that is there, whole and undamaged; undefined for any other. Reads all of it. */
  find(wanted: WantedBase): Promise<bigint | undefined>;
  /** Copies one to `path`, sharing blocks where the file system can. Returns its CRC-64/NVME; undefined as `find`. */
  copyTo(path: string, wanted: WantedBase): Promise<bigint | undefined>;
  /** Says that the one at `pathOf` is complete. @throws WholeFileError. */
  keep(wanted: WantedBase, crc64nvme: bigint): Promise<void>;
}

/** The prepared bases in a directory, which need not be there. */
export function openPreparedBases(directory: string, digester: Digester, signal: AbortSignal): PreparedBases {
  const pathOf = ({ identity, extension }: WantedBase): string =>
    join(directory, identity.slice(0, 32) + extension);
  const find = async (wanted: WantedBase): Promise<bigint | undefined> => {
    const path = pathOf(wanted);
    const record = readRecord(recordPath(path));
    if (record?.identity !== wanted.identity || record.program !== generator) return undefined;
    const crc64nvme = await crc64OfFile(path, record.length, digester, signal);
    return crc64nvme?.toString(16) === record.crc64nvme ? crc64nvme : undefined;
  };
  return {
    pathOf,
    find,
    copyTo: async (path, wanted) => {
      const crc64nvme = await find(wanted);
      if (crc64nvme === undefined) return undefined;
      await writeWholeFile(path, async (temporaryPath) => {
        const how = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;
        await copyFile(pathOf(wanted), temporaryPath, how);
      });
      return crc64nvme;
    },
    keep: async (wanted, crc64nvme) => {
      const path = pathOf(wanted);
      const record: PreparedRecord = {
        program: generator,
        identity: wanted.identity,
        length: statSync(path).size,
        crc64nvme: crc64nvme.toString(16),
      };
      await writeWholeText(recordPath(path), `${JSON.stringify(record)}\n`);
    },
  };
}

/** Makes the directory where there is none. @throws WholeFileError `FILE_NOT_WRITABLE`. */
export function makeBasesDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw explainWriteFailure(directory, error);
  }
}

function recordPath(path: string): string {
  return `${path}.json`;
}

/** Undefined for what cannot be read, or is no such record: then there is no prepared base. */
function readRecord(path: string): PreparedRecord | undefined {
  try {
    const record: Partial<PreparedRecord> | null = JSON.parse(readFileSync(path, "utf8"));
    const { program, identity, length, crc64nvme } = record ?? {};
    if (program === undefined || identity === undefined) return undefined;
    if (length === undefined || crc64nvme === undefined) return undefined;
    return { program, identity, length, crc64nvme };
  } catch {
    return undefined;
  }
}
