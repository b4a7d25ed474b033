/** How a server is dealt with. Times in milliseconds, lengths in bytes. */
export interface HttpOptions {
  /** Value of the Authorization header, sent to the URL's own host alone. Stands before a name in the URL. */
  readonly authorization?: string;
  /** Certificates in PEM that are trusted beside the system's and Node's. */
  readonly certificates?: readonly string[];
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; `process.env` by default. Node heeds them from 24.5 on. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends everything that is under way, and everything later, with its reason. */
  readonly signal?: AbortSignal;
  /** Connections, and so requests at the same time. 4 by default. */
  readonly connections?: number;
  /** How often one range is tried without getting on by 64 KiB. 6 by default. */
  readonly tries?: number;
  /** The wait before the second try, of which a random half is left out; doubled each time. 250 by default. */
  readonly retryDelay?: number;
  /** No try begins later than this after the first that failed since it last got on. 2 minutes by default. */
  readonly retryTime?: number;
  /** An answer must bring 16 KiB, or its end, in each such time. 30 seconds by default. */
  readonly stallTime?: number;
}

/** How a file is read at random, beside how its server is dealt with. */
export interface HttpSourceOptions extends HttpOptions {
  /** The least that is fetched at a time, and the unit that is kept. 256 KiB by default. */
  readonly blockLength?: number;
  /** The most that one request fetches. 8 MiB by default. */
  readonly requestLength?: number;
  /** Blocks are kept up to this many bytes in all. 48 MiB by default. */
  readonly keptLength?: number;
}

/** Every option with its value. */
export interface HttpSettings {
  readonly authorization: string | undefined;
  readonly certificates: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
  readonly connections: number;
  readonly tries: number;
  readonly retryDelay: number;
  readonly retryTime: number;
  readonly stallTime: number;
}

export function settingsOf(options: HttpOptions): HttpSettings {
  return {
    authorization: options.authorization,
    certificates: options.certificates ?? [],
    environment: options.environment ?? process.env,
    signal: options.signal,
    connections: options.connections ?? 4,
    tries: options.tries ?? 6,
    retryDelay: options.retryDelay ?? 250,
    retryTime: options.retryTime ?? 120_000,
    stallTime: options.stallTime ?? 30_000,
  };
}
