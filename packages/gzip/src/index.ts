export { format, format as gzip } from "./gzip-format.ts";
