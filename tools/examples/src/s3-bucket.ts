import { runBytes } from "@bootstamp/witnesses";

/** Who may read and write on an S3 server, and where that is. */
export interface S3Account {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A bucket as curl sees it, which signs its requests itself. */
export interface S3Bucket {
  /** Whole keys, as the server lists them. */
  keys(): Promise<readonly string[]>;
  bytesOf(key: string): Promise<Buffer>;
}

/** Makes a bucket of an account. */
export async function makeBucket(account: S3Account, name: string): Promise<S3Bucket> {
  const url = `${account.endpoint}/${name}`;
  const get = async (...words: readonly string[]): Promise<Buffer> => await curl(account, words);
  await get("--request", "PUT", url);
  return {
    keys: async () => {
      const listed = (await get(`${url}?list-type=2`)).toString();
      return [...listed.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
    },
    bytesOf: async (key) => await get(`${url}/${key}`),
  };
}

async function curl(account: S3Account, words: readonly string[]): Promise<Buffer> {
  const user = `${account.accessKeyId}:${account.secretAccessKey}`;
  // The servers want this header, which older versions of curl do not send.
  const payload = "x-amz-content-sha256: UNSIGNED-PAYLOAD";
  const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", user, "--header", payload];
  return await runBytes("curl", ["--fail", "--silent", "--show-error", ...signed, ...words]);
}
