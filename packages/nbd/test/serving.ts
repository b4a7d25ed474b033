import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NbdEvent, type NbdExport, type NbdServer, type NbdServeRequest, serve } from "@bootstamp/nbd";
import { expect, onTestFinished } from "vitest";
import { RawClient } from "./raw-client.ts";

/** A server that is closed when the test ends, and what happened on it. */
export interface Serving extends NbdServer {
  readonly events: NbdEvent[];
  /** Resolves with the first event of a kind, past or future. */
  event<Kind extends NbdEvent["kind"]>(kind: Kind): Promise<NbdEvent & { readonly kind: Kind }>;
}

/** Serves on a private socket unless told otherwise. */
export async function serving(
  exports: NbdExport | readonly NbdExport[],
  request: Partial<NbdServeRequest> = {},
): Promise<Serving> {
  const events: NbdEvent[] = [];
  const waiting = new Set<() => void>();
  const server = await serve({
    exports: "read" in exports ? [exports] : exports,
    listener: { kind: "private" },
    onEvent: (event) => {
      events.push(event);
      for (const wake of waiting) wake();
    },
    ...request,
  });
  onTestFinished(async () => server.close());
  // Not spread: the number of connections changes.
  return Object.assign(Object.create(server) as NbdServer, {
    events,
    event: async <Kind extends NbdEvent["kind"]>(kind: Kind) => {
      for (;;) {
        const found = events.find((event) => event.kind === kind);
        if (found !== undefined) return found as NbdEvent & { readonly kind: Kind };
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  });
}

/** A folder that goes when the test ends. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nbd-test-"));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Shows that the server goes on serving others. */
export async function servesOthers(server: Serving): Promise<void> {
  const client = await RawClient.attached(server.address);
  expect(await client.demand({ command: 3 })).toMatchObject({ error: 0 });
  client.vanish();
}
