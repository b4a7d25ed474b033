import type { NbdExport, NbdExtent, NbdWriter } from "@bootstamp/nbd";

/** An export over bytes in memory that notes what it was asked. */
export interface MemoryExport extends NbdExport {
  readonly bytes: Buffer;
  readonly writer: NbdWriter;
  readonly calls: string[];
}

export function memoryExport(length: number, name = ""): MemoryExport {
  const bytes = Buffer.alloc(length);
  const calls: string[] = [];
  return {
    name,
    description: `${length} bytes in memory`,
    length,
    bytes,
    calls,
    read: async (offset, count) => {
      calls.push(`read ${offset} ${count}`);
      return bytes.subarray(offset, offset + count);
    },
    cache: async (offset, count) => void calls.push(`cache ${offset} ${count}`),
    extents: (offset, count) => zeroBlocks(bytes, offset, count),
    writer: memoryWriter(bytes, calls),
  };
}

/** The same without a writer. */
export function readOnly(exported: MemoryExport): NbdExport {
  return without(exported, "writer");
}

export function without<Part extends keyof MemoryExport>(
  exported: MemoryExport,
  part: Part,
): Omit<MemoryExport, Part> {
  return Object.fromEntries(Object.entries(exported).filter(([name]) => name !== part)) as Omit<
    MemoryExport,
    Part
  >;
}

function memoryWriter(bytes: Buffer, calls: string[]): NbdWriter {
  return {
    write: async (offset, written) => {
      calls.push(`write ${offset} ${written.length}`);
      bytes.set(written, offset);
    },
    flush: async () => void calls.push("flush"),
    writeZeroes: async (offset, count, { mayPunch }) => {
      calls.push(`zero ${offset} ${count} ${mayPunch}`);
      bytes.fill(0, offset, offset + count);
    },
    trim: async (offset, count) => {
      calls.push(`trim ${offset} ${count}`);
      bytes.fill(0, offset, offset + count);
    },
  };
}

const blockLength = 4096;

/** Blocks of zeros are holes. */
function* zeroBlocks(bytes: Buffer, offset: number, length: number): Generator<NbdExtent> {
  const end = offset + length;
  for (let at = offset; at < end;) {
    const next = Math.min(end, (Math.floor(at / blockLength) + 1) * blockLength);
    const zero = bytes.subarray(at, next).every((byte) => byte === 0);
    yield { length: next - at, hole: zero, zero };
    at = next;
  }
}

/** Bytes of which no two blocks are alike. */
export function patterned(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let offset = 0; offset + 4 <= length; offset += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, offset);
  }
  return bytes;
}
