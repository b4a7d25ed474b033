import { Fault, systemFailureOf } from "@bootstamp/fault";

/** Every code of {@link WholeFileError}; docs/ERRORS.md gives cause and cure. */
export const wholeFileErrorCodes = [
  "FILE_DISK_FULL",
  "FILE_TOO_LARGE",
  "FILE_NOT_WRITABLE",
  "FILE_WRITE_FAILED",
] as const;

export type WholeFileErrorCode = (typeof wholeFileErrorCodes)[number];

export class WholeFileError extends Fault<WholeFileErrorCode> {}

/**
 * Names what went wrong in terms of `path`, the name that the user gave; other errors come back as they are, of reading
 * too: that is done of other files, while this one is written.
 */
export function explainWriteFailure(path: string, error: unknown): unknown {
  if (error instanceof Fault) return error;
  const failure = systemFailureOf(error);
  if (failure === undefined || failure.syscall === "read") return error;
  const errno = failure.code;
  if (["ENOSPC", "EDQUOT"].includes(errno)) {
    return new WholeFileError(
      "FILE_DISK_FULL",
      `cannot write ${path}: the disk is full (${errno})`,
      { path, errno },
      { cause: error },
    );
  }
  if (errno === "EFBIG") {
    return new WholeFileError(
      "FILE_TOO_LARGE",
      `cannot write ${path}: it would be longer than its file system, or the limit of this process, allows (EFBIG)`,
      { path, errno },
      { cause: error },
    );
  }
  if (["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EISDIR", "EEXIST", "ENAMETOOLONG"].includes(errno)) {
    const why = reasons[errno] ?? errno;
    return new WholeFileError(
      "FILE_NOT_WRITABLE",
      `cannot write ${path}: ${why}`,
      { path, errno },
      { cause: error },
    );
  }
  if (errno.startsWith("E")) {
    return new WholeFileError(
      "FILE_WRITE_FAILED",
      `cannot write ${path}: ${errno}`,
      { path, errno },
      { cause: error },
    );
  }
  return error;
}

const reasons: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "its directory does not exist",
  ENOTDIR: "a part of its path is not a directory",
  EISDIR: "it is a directory",
  EEXIST: "there is a file of that name",
  ENAMETOOLONG: "the name is too long",
};
