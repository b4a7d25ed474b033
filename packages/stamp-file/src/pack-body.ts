import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { damaged } from "./stamp-file-error.ts";
import { checkSingleFrame } from "./zstd-frame.ts";

/** A reader needs no more memory than this for what lies before the byte that it is at. */
const maxWindowLog = 23;
const thoroughLevel = 19;
const quickLevel = 9;
/** Beyond this, the thorough level takes seconds. */
const thoroughLength = 1 << 20;
const chunkLength = 1 << 20;

/** Packs a body as one zstd frame. The bytes depend on the body and on the version of zstd. */
export function packBody(body: Uint8Array): Uint8Array {
  const level = body.length > thoroughLength ? quickLevel : thoroughLevel;
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_windowLog]: maxWindowLog,
  };
  // zstd sizes its tables by the length that it is told.
  return zstdCompressSync(body, { params, pledgedSrcSize: body.length });
}

/** Unpacks a body that must come to `length` bytes; memory is taken for no more. @throws `STAMP_FILE_DAMAGED`. */
export function unpackBody(frame: Uint8Array, length: number): Uint8Array {
  checkSingleFrame(frame);
  const body = decompress(frame, length);
  if (body.length !== length) throw damaged(`its body has ${body.length} bytes, expected ${length}`);
  // Not a Buffer, whose slice does not copy.
  return new Uint8Array(body.buffer, body.byteOffset, body.length);
}

function decompress(frame: Uint8Array, length: number): Uint8Array {
  const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };
  try {
    return zstdDecompressSync(frame, { params, maxOutputLength: length, chunkSize: chunkLength });
  } catch (error) {
    const tooLong = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw damaged(
      tooLong ? `its body has more than ${length} bytes` : `its body does not unpack: ${String(error)}`,
      error,
    );
  }
}
