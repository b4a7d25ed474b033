import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something answers at a URL, whatever it says. @throws Error after three minutes. */
export async function answers(url: string): Promise<void> {
  for (const until = Date.now() + 180_000; Date.now() < until; await sleep(100)) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      // Not listening yet.
    }
  }
  throw new Error(`${url} does not answer`);
}
