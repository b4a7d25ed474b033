export { besideName } from "./beside-name.ts";
export { removeLeftovers } from "./temporary-name.ts";
export { lockHolder, ProcessLock, takeLock, type LockHolder } from "./process-lock.ts";
export { processMark } from "./process-mark.ts";
export {
  WholeFileError,
  explainWriteFailure,
  wholeFileErrorCodes,
  type WholeFileErrorCode,
} from "./whole-file-error.ts";
export { writeUnsyncedFile, writeWholeFile, writeWholeText } from "./whole-file.ts";
