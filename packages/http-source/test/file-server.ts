import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Answers one request, or leaves it to the server's ordinary way by returning false. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves one file, `bytes`, as a good server does; `fault` may do otherwise. */
export class FileServer implements AsyncDisposable {
  bytes: Uint8Array;
  headers: Record<string, string> = { etag: '"one"' };
  fault: Fault = () => false;
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"] }[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  /** The most requests that were answered at the same time. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #server: Server;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#server = createServer((request, response) => this.#take(request, response));
    this.#server.on("connection", (socket) => {
      this.connections++;
      this.sockets.add(socket);
    });
  }

  static async start(bytes: Uint8Array): Promise<FileServer> {
    const server = new FileServer(bytes);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address() as AddressInfo;
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/image`;
  }

  /** The ranges that were asked for. */
  get ranges(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers.range);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push({ path: request.url ?? "", headers: request.headers });
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    response.once("close", () => this.#atOnce--);
    if (!this.fault(request, response)) this.answer(request, response);
  }

  /** As the standard says: RFC 9110 §14. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const ifMatch = request.headers["if-match"];
    if (ifMatch !== undefined && ifMatch !== this.headers["etag"]) return void response.writeHead(412).end();
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const total = this.bytes.length;
    const from = Number(match?.[1] ?? 0);
    const to = Math.min(total - 1, Number(match?.[2] ?? total - 1));
    if (match !== null && from >= total)
      return void response.writeHead(416, { "content-range": `bytes */${total}` }).end();
    const range = match === null ? {} : { "content-range": `bytes ${from}-${to}/${total}` };
    const length = { "content-length": String(to - from + 1) };
    response.writeHead(match === null ? 200 : 206, { ...this.headers, ...length, ...range });
    response.end(this.bytes.subarray(from, to + 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Does `fault` to the first `count` requests and leaves the others alone. */
export function firstTimes(count: number, fault: Fault): Fault {
  let done = 0;
  return (request, response) => done++ < count && fault(request, response);
}

/** Settings for tests: no proxies, and nothing to wait for long. */
export const quick = { environment: {}, stallTime: 20_000, retryTime: 10_000, retryDelay: 10 } as const;

export function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
}
