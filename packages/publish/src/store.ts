import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { weightGate, type WeightGate } from "@bootstamp/threads";
import { settingsOf, type StoreOptions, type StoreSettings } from "./store-options.ts";

type Sdk = typeof import("@aws-sdk/client-s3");

/** What was sent to a server so far. */
export interface StoreCounters {
  /** Repeated ones too. */
  readonly requests: number;
  /** Bytes of bodies that were sent; those of repeated requests count again. */
  readonly sentBytes: number;
  /** Bytes of objects that were read, so far as they arrived. */
  readonly fetchedBytes: number;
}

/** Objects of one bucket, below one prefix. The SDK's client is for this package alone. */
export interface Store {
  /** For messages, such as `s3://images/fcos/`. */
  readonly name: string;
  readonly settings: StoreSettings;
  readonly counters: StoreCounters;
  /** Counts bytes that were read. */
  noteFetched(bytes: number): void;
  readonly client: S3Client;
  readonly sdk: Sdk;
  /** Each request weighs 1. */
  readonly slots: WeightGate;
  /** By bytes. */
  readonly buffers: WeightGate;
  /** Closes all connections. */
  close(): void;
}

/** Loads the SDK and prepares a client. Sends nothing. @throws PublishError `PUBLISH_OPTIONS`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const settings = settingsOf(options);
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client(clientConfig(settings));
  const counters = countedBy(client);
  return {
    name: `s3://${settings.bucket}/${settings.prefix}`,
    settings,
    counters,
    noteFetched: (bytes) => void (counters.fetchedBytes += bytes),
    client,
    sdk,
    slots: weightGate(settings.connections),
    buffers: weightGate(settings.bufferLength),
    close: () => client.destroy(),
  };
}

/** The whole key of an object below the store's prefix. */
export function wholeKey({ settings }: Store, key: string): string {
  return settings.prefix + key;
}

function clientConfig(settings: StoreSettings): S3ClientConfig {
  const { endpoint, region, profile, connections, stallTime } = settings;
  const agent = { keepAlive: true, maxSockets: connections };
  return {
    ...(endpoint === undefined ? { followRegionRedirects: true } : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    forcePathStyle: settings.forcePathStyle,
    maxAttempts: settings.tries,
    // We send checksums of our own, and check what we read: the SDK would send bodies in a form that few servers read.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: 15_000,
      socketTimeout: stallTime,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

type Counted = { -readonly [Name in keyof StoreCounters]: StoreCounters[Name] };

function countedBy(client: S3Client): Counted {
  const counters = { requests: 0, sentBytes: 0, fetchedBytes: 0 };
  // The step after the one that repeats requests.
  client.middlewareStack.add(
    (next) => async (args) => {
      counters.requests++;
      const { request } = args;
      if (hasBody(request)) counters.sentBytes += request.body.byteLength;
      return await next(args);
    },
    { step: "deserialize", name: "bootstampCounters", priority: "low" },
  );
  return counters;
}

function hasBody(request: unknown): request is { body: Uint8Array } {
  return (
    typeof request === "object" && request !== null && "body" in request && request.body instanceof Uint8Array
  );
}
