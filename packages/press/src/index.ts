export { checkImage, type Checked, type CheckRequest } from "./check-image.ts";
export { pressImage, type Pressed, type PressProgress, type PressRequest } from "./press-image.ts";
export { PressError, pressErrorCodes, type PressErrorCode } from "./press-error.ts";
export { unpackedSource } from "./unpacked-source.ts";
