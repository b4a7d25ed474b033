import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/** What lies where in an image: bytes, or a file of this machine. */
export interface ImagePart {
  readonly offset: number;
  readonly content: Uint8Array | { readonly hostPath: string };
}

const step = 1 << 20;
/** The block of the file systems that images are kept on: a hole cannot be finer. */
const block = 4096;
const zeros = Buffer.alloc(block);

/** Writes a new image of `length` bytes from its parts. Zero blocks become holes. */
export function writeImage(path: string, length: number, parts: readonly ImagePart[]): void {
  const image = openSync(path, "w");
  try {
    ftruncateSync(image, length);
    for (const { offset, content } of parts) {
      if (content instanceof Uint8Array) writeSparse(image, content, offset);
      else copyFile(content.hostPath, image, offset);
    }
  } finally {
    closeSync(image);
  }
}

function copyFile(hostPath: string, image: number, offset: number): void {
  const source = openSync(hostPath, "r");
  const buffer = Buffer.alloc(step);
  try {
    const { size } = fstatSync(source);
    for (let done = 0; done < size;) {
      const length = readSync(source, buffer, 0, step, done);
      writeSparse(image, buffer.subarray(0, length), offset + done);
      done += length;
    }
  } finally {
    closeSync(source);
  }
}

/** Writes runs of blocks that are not all zero. */
function writeSparse(image: number, bytes: Uint8Array, offset: number): void {
  let from = 0;
  for (let at = 0; at < bytes.length; at += block) {
    const end = Math.min(at + block, bytes.length);
    if (Buffer.compare(bytes.subarray(at, end), zeros.subarray(0, end - at)) !== 0) continue;
    writeAll(image, bytes.subarray(from, at), offset + from);
    from = end;
  }
  writeAll(image, bytes.subarray(from), offset + from);
}

function writeAll(image: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(image, bytes, done, bytes.length - done, offset + done);
}
