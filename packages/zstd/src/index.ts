export { format, format as zstd } from "./zstd-format.ts";
