export { Fault, type FaultFields } from "./fault.ts";
export {
  faultErrorCodes,
  packFault,
  systemFailureOf,
  unforeseenCode,
  unpackFault,
  type PortableFault,
  type SystemFailure,
} from "./portable-fault.ts";
export { quoteText } from "./quote-text.ts";
