import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What runs of the demo have measured: a second run makes nothing, so there is nothing to measure then. */
export interface Measurements {
  /** Seconds to compress the base once into a stampable image. */
  pressSeconds?: number;
  /** Seconds to compress one raw image in the usual way, and with what. */
  compressSeconds?: number;
  compressCommand?: string;
  /** Seconds to stamp each artifact, by identity. */
  stampSeconds: Record<string, number>;
  /** What was said of each artifact, by SHA-256. */
  verdicts: Record<string, string>;
}

export function readMeasurements(folder: string): Measurements {
  const path = pathIn(folder);
  if (!existsSync(path)) return { stampSeconds: {}, verdicts: {} };
  const measurements: Measurements = JSON.parse(readFileSync(path, "utf8"));
  return measurements;
}

export function writeMeasurements(folder: string, measurements: Measurements): void {
  writeFileSync(pathIn(folder), `${JSON.stringify(measurements, undefined, 2)}\n`);
}

function pathIn(folder: string): string {
  return join(folder, "measurements.json");
}
