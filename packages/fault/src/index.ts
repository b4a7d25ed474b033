export { Fault, type FaultFields } from "./fault.ts";
export {
  faultErrorCodes,
  packFault,
  unforeseenCode,
  unpackFault,
  type PortableFault,
} from "./portable-fault.ts";
export { quoteText } from "./quote-text.ts";
