export { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
export type { FaultPlan, ProxyFault, SeenRequest } from "./proxy-fault.ts";
export { gatewayTools, startGateway, startSwift, swiftTools, type Gateway } from "./gateway.ts";
export { RecordingServer, type Recorded } from "./recording-server.ts";
