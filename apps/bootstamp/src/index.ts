export { ProgramError, programErrorCodes, type ProgramErrorCode } from "./program-error.ts";
export { build, type BuildOptions } from "./build/build.ts";
export type { ArtifactRecord, Manifest, StampableRecord } from "./build/manifest.ts";
export { runCommandLine, type Surroundings } from "./command-line.ts";
export { reportErrorCodes } from "./report/fault-report.ts";
export type { Reporter, ReportEvent } from "./report/reporter.ts";
export type { Terminal } from "./report/terminal.ts";
