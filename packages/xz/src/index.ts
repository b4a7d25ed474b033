export { format, format as xz } from "./xz-format.ts";
