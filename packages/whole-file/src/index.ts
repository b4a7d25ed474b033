export { removeLeftovers } from "./temporary-name.ts";
export {
  WholeFileError,
  explainWriteFailure,
  wholeFileErrorCodes,
  type WholeFileErrorCode,
} from "./whole-file-error.ts";
export { writeWholeFile, writeWholeText } from "./whole-file.ts";
