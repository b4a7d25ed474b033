import type { Usage } from "./usage.ts";

/** Measures work inside this process, which must do nothing else meanwhile. */
export async function measureLap(work: () => unknown): Promise<Usage> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuSeconds: (user + system) / 1e6, wallSeconds, peakBytes: 0 };
}
