export { Fault, type FaultFields } from "./fault.ts";
export { packFault, unforeseenCode, unpackFault, type PortableFault } from "./portable-fault.ts";
export { quoteText } from "./quote-text.ts";
