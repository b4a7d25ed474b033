export { openDigester, type Digester } from "./digester.ts";
export { overwrittenCrc64nvme } from "./overwritten-crc.ts";
export type { DigestRequest } from "./run-digest-jobs.ts";
export { StampError, stampErrorCodes, type StampErrorCode } from "./stamp-error.ts";
export { stampFile, type Stamped, type StampRequest } from "./stamp-file.ts";
export { streamStamped, type StreamRequest } from "./stream-stamped.ts";
export { verifyStamped } from "./verify-stamped.ts";
