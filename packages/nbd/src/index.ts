export { maxCacheHold, type NbdLimits } from "./limits.ts";
export { type NbdAddress, type NbdListener } from "./nbd-address.ts";
export { NbdError, nbdErrorCodes, type NbdErrorCode } from "./nbd-error.ts";
export type { NbdEvent, NbdEventListener } from "./nbd-event.ts";
export type { NbdExport, NbdExtent, NbdWriter } from "./nbd-export.ts";
export { runCaptive } from "./run-captive.ts";
export { serve, type NbdServer, type NbdServeRequest } from "./serve.ts";
export { type NbdCertificate, type NbdPreSharedKeys, type NbdTls, parsePreSharedKeys } from "./tls.ts";
