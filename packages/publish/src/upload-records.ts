import { readFile, rename, writeFile } from "node:fs/promises";

/** What has to be remembered of a multipart upload to go on with it later. */
export interface UploadRecord {
  readonly uploadId: string;
  readonly identity: string;
  readonly length: number;
}

/** Remembers uploads between runs, each under the name of its object, such as `s3://bucket/key`. */
export interface UploadRecords {
  get(name: string): Promise<UploadRecord | undefined>;
  /** undefined forgets it. */
  set(name: string, record: UploadRecord | undefined): Promise<void>;
}

/** Records in a JSON file, for one process at a time. A file that cannot be understood counts as empty. */
export function uploadRecordsIn(path: string): UploadRecords {
  return {
    get: async (name) => (await load(path)).get(name),
    set: async (name, record) => {
      const records = await load(path);
      if (record === undefined) records.delete(name);
      else records.set(name, record);
      const beside = `${path}.new`;
      await writeFile(beside, `${JSON.stringify(Object.fromEntries(records), undefined, 2)}\n`);
      await rename(beside, path);
    },
  };
}

async function load(path: string): Promise<Map<string, UploadRecord>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
    const entries: [string, unknown][] =
      typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.flatMap(([name, value]) => (isRecord(value) ? [[name, value]] : [])));
  } catch {
    return new Map();
  }
}

function isRecord(value: unknown): value is UploadRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    "uploadId" in value &&
    typeof value.uploadId === "string" &&
    "identity" in value &&
    typeof value.identity === "string" &&
    "length" in value &&
    typeof value.length === "number"
  );
}
