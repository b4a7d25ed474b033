export { bmapRanges, changedRanges, type BmapZeros } from "./bmap-ranges.ts";
export { encodeBmap, type Bmap } from "./encode-bmap.ts";
export { variantDigests } from "./variant-digests.ts";
