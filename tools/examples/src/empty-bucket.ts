import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback that says of every object that it is not there: what a dry run of publishing asks. */
export interface EmptyBucket {
  readonly url: string;
  /** Lines such as `HEAD /images/latest.json`. */
  readonly requests: readonly string[];
  close(): void;
}

export async function openEmptyBucket(): Promise<EmptyBucket> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${new URL(request.url ?? "", "http://x").pathname}`);
    response.writeHead(404).end();
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () => void server.close(),
  };
}
