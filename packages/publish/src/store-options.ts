import { PublishError } from "./publish-error.ts";

/** Where objects are kept, and how its server is dealt with. Credentials are found by the SDK, as for every tool of AWS. */
export interface StoreOptions {
  readonly bucket: string;
  /** A folder that every key is in, such as `fcos`; a slash is added. Empty by default. */
  readonly prefix?: string;
  /** Of a server that is not Amazon's. By default what `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` says. */
  readonly endpoint?: string;
  /** The SDK's own choice by default; `us-east-1` where there is an endpoint and nobody says otherwise. */
  readonly region?: string;
  /** Section of the SDK's configuration files. */
  readonly profile?: string;
  /** Puts the bucket into the path instead of the host's name: by default where there is an endpoint. */
  readonly forcePathStyle?: boolean;
  /**
   * `when-supported`, the default: the server checks every part and the whole object by their CRC. `when-required`:
   * parts by MD5 alone. `none`: nothing is sent beside the bytes; reading back is all the check there is.
   */
  readonly checksums?: "when-supported" | "when-required" | "none";
  /** Which CRC the server is asked to check and keep. `crc64nvme` by default. */
  readonly checksumAlgorithm?: "crc64nvme" | "crc32";
  /** Whether all parts but the last must have one length, as Cloudflare R2 demands. */
  readonly equalParts?: boolean;
  /** Requests at the same time. 8 by default. */
  readonly connections?: number;
  /** Bytes of parts in memory at the same time, more only where one part is longer. 64 MiB by default. */
  readonly bufferLength?: number;
  /** How often the SDK tries a request, and how often a part or range is sent again after that. 4 by default. */
  readonly tries?: number;
  /** The SDK waits no longer than this for a sign of life, in milliseconds. 5 minutes by default: copies take time. */
  readonly stallTime?: number;
}

export type StoreSettings = Required<Omit<StoreOptions, "endpoint" | "region" | "profile">> &
  Pick<StoreOptions, "endpoint" | "region" | "profile">;

/** @throws PublishError `PUBLISH_OPTIONS`. */
export function settingsOf(options: StoreOptions): StoreSettings {
  const { endpoint = defaultEndpoint(), profile, bucket, prefix = "" } = options;
  const { region = defaultRegion(endpoint) } = options;
  if (endpoint !== undefined) checkEndpoint(endpoint);
  if (!/^[\w.:/-]{1,255}$/.test(bucket)) throw wrong("this is no name of a bucket");
  // Some servers and all file systems take what begins with a slash for something else.
  if (prefix !== "" && !/^[^/]/.test(prefix)) throw wrong("a prefix does not begin with a slash");
  return {
    bucket,
    prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    checksums: options.checksums ?? "when-supported",
    checksumAlgorithm: options.checksumAlgorithm ?? "crc64nvme",
    equalParts: options.equalParts ?? false,
    connections: positive(options.connections ?? 8, "connections"),
    bufferLength: positive(options.bufferLength ?? 64 * 2 ** 20, "bufferLength"),
    tries: positive(options.tries ?? 4, "tries"),
    stallTime: positive(options.stallTime ?? 300_000, "stallTime"),
  };
}

function positive(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw wrong(`${name} is ${value}, which is no whole number above 0`);
}

/** The SDK heeds them too, but whoever asks has to know. */
function defaultEndpoint(): string | undefined {
  const { AWS_ENDPOINT_URL_S3: own = "", AWS_ENDPOINT_URL: general = "" } = process.env;
  return [own, general].find((url) => url !== "");
}

function defaultRegion(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  return process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
}

/** Does not repeat the text, which may hold a password. */
function checkEndpoint(endpoint: string): void {
  if (!URL.canParse(endpoint)) throw wrong("the endpoint is no URL");
  const { protocol, username, password, search } = new URL(endpoint);
  if (protocol !== "https:" && protocol !== "http:") throw wrong("the endpoint is no URL of http or https");
  if (username + password + search !== "") throw wrong("the endpoint has a name, password or query in it");
}

function wrong(what: string): PublishError {
  return new PublishError("PUBLISH_OPTIONS", `cannot open an object store: ${what}`);
}
