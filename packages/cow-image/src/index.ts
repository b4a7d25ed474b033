export { CowError, cowErrorCodes, type CowErrorCode } from "./cow-error.ts";
export type { BaseExtents, CowImage, ImageExtent } from "./cow-image.ts";
export { openCow, type CowRequest, type OpenCow } from "./open-cow.ts";
