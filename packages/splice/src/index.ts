export type { RepackRequest, SpliceProgress } from "./repack.ts";
export { spliceFile, type Spliced, type SpliceRequest } from "./splice-file.ts";
export { streamSpliced } from "./stream-spliced.ts";
