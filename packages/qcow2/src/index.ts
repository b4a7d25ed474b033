export { isQcow2, type ClusterCompression, type Qcow2Header } from "./header.ts";
export { Qcow2Error, qcow2ErrorCodes, type Qcow2ErrorCode } from "./qcow2-error.ts";
export { openQcow2, type Qcow2Extent, type Qcow2Source } from "./qcow2-source.ts";
