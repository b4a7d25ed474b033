export { checkImage } from "./check-image.ts";
export { chunksOf, copyImage, copyOnto, drainImage, type Copied, type CopyRequest } from "./copy-image.ts";
export type { Decoded, DecodeProgress, DecodeRequest } from "./decode-segments.ts";
export { pressImage, type Pressed, type PressProgress, type PressRequest } from "./press-image.ts";
export { PressError, pressErrorCodes, type PressErrorCode } from "./press-error.ts";
export { unpackedSource, type UnpackedSource } from "./unpacked-source.ts";
export { unpackImage, unpackOnto, type UnpackRequest } from "./unpack-image.ts";
export { unpackStream } from "./unpack-stream.ts";
