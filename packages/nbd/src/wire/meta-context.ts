/**
 * Metadata contexts, of which there is one, base:allocation (NBD protocol document, "Metadata querying").
 *
 *     request   0  4  length n of the export's name      reply   0  4  context id
 *               4  n  name                                       4     name of the context
 *             4+n  4  number of queries
 *             8+n     queries: 4 bytes of length, text
 */
import { parseCountedString } from "./protocol-string.ts";

const allocation = "base:allocation";

/** Ours to choose; anything but the 0 that listings have. */
export const allocationId = 1;

export interface MetaContextRequest {
  readonly exportName: string;
  readonly queries: readonly string[];
}

/** Undefined where the data is malformed. */
export function parseMetaContextRequest(data: Buffer): MetaContextRequest | undefined {
  const name = parseCountedString(data, 0);
  if (name === undefined || name.end + 4 > data.length) return undefined;
  const count = data.readUInt32BE(name.end);
  const queries: string[] = [];
  let end = name.end + 4;
  // A count that the data does not bear out ends this at the first query that is not there.
  while (queries.length < count) {
    const query = parseCountedString(data, end);
    if (query === undefined) return undefined;
    queries.push(query.text);
    end = query.end;
  }
  return end === data.length ? { exportName: name.text, queries } : undefined;
}

/** Whether a listing has base:allocation: no query, or one for the whole of "base:", finds it too. */
export function listsAllocation(queries: readonly string[]): boolean {
  return queries.length === 0 || queries.includes("base:") || selectsAllocation(queries);
}

export function selectsAllocation(queries: readonly string[]): boolean {
  return queries.includes(allocation);
}

export function encodeAllocationContext(id: number): Buffer {
  const data = Buffer.alloc(4 + allocation.length);
  data.writeUInt32BE(id, 0);
  data.write(allocation, 4, "latin1");
  return data;
}
