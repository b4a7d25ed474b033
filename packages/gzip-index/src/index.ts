export { buildGzipIndex, type BuildIndexOptions, type BuiltIndex } from "./build-index.ts";
export { encodeFlushIndex, encodeGzipIndex, parseGzipIndex, type FlushPoint } from "./gzidx-format.ts";
export type { GzipIndex } from "./gzip-index.ts";
export { GzipIndexError, gzipIndexErrorCodes, type GzipIndexErrorCode } from "./gzip-index-error.ts";
export { inflateWhole } from "./inflate-whole.ts";
export { isGzip } from "./member-header.ts";
export { openIndexedGzip, type IndexedGzipOptions } from "./indexed-source.ts";
export type { PointTable, SeekPoint } from "./point-table.ts";
