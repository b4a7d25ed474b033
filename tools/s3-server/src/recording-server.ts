import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { bulkCrc64nvme, crc32 } from "@bootstamp/crc";

const crc64nvme = await bulkCrc64nvme();

interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly modified: Date;
}

interface UnderWay {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { bytes: Buffer; etag: string }>;
}

export interface Recorded {
  /** Such as `PUT part`, `PUT copy`, `POST complete`. */
  readonly what: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

/**
 * Notes what it is asked, and answers as Amazon S3 does, so far as its documents say: it heeds conditions, and checks
 * bodies and whole objects by the checksums that come along, which the servers at hand for tests do not.
 */
export class RecordingServer implements AsyncDisposable {
  readonly recorded: Recorded[] = [];
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, UnderWay>();
  /** As Swift does, of a base that was a multipart upload. */
  refusesCopyConditions = false;
  endpoint = "";
  #uploadCount = 0;
  readonly #server = createServer((request, response) => {
    void this.#respond(request, response);
  });

  static async start(): Promise<RecordingServer> {
    const server = new RecordingServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    const address = server.#server.address();
    if (typeof address === "object" && address !== null) server.endpoint = `http://127.0.0.1:${address.port}`;
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, headers, body } = await this.#answer(request);
      const length = headers["content-length"] ?? String(body.length);
      response.writeHead(status, { ...headers, "content-length": length }).end(body);
    } catch (error) {
      const code = error instanceof Error ? error.message : "InternalError";
      const text = `<Error><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(error instanceof Refusal ? error.status : 500, {
        "content-type": "application/xml",
      });
      response.end(request.method === "HEAD" ? "" : text);
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://server");
    const key = decodeURIComponent(pathname).split("/").slice(2).join("/");
    const { authorization: _, ...sent } = request.headers;
    const headers = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name, [value].flat().join(",")]),
    );
    const bytes = await buffer(request);
    const what = `${request.method} ${kindOf(query, headers)}`;
    this.recorded.push({ what, key, headers, body: what === "POST complete" ? bytes.toString() : "" });
    if (what !== "POST complete") checkBody(bytes, headers);
    const uploadId = query.get("uploadId") ?? "";
    const upload = this.uploads.get(uploadId);
    if (query.has("uploadId") && upload === undefined) throw new Refusal(404, "NoSuchUpload");
    const number = Number(query.get("partNumber"));
    switch (what) {
      case "HEAD object":
      case "GET object":
        return this.#read(request.method === "HEAD", key, headers);
      case "PUT object":
        this.#refuseIfThere(key, headers);
        return xml(this.#store(key, bytes, hashOf("md5", bytes), headers));
      case "PUT tags":
        return xml("");
      case "DELETE object":
        this.objects.delete(key);
        return { status: 204, headers: {}, body: "" };
      case "POST begin": {
        const id = `upload-${++this.#uploadCount}`;
        this.uploads.set(id, { key, headers, parts: new Map() });
        return xml(
          `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      case "PUT part":
        return { status: 200, headers: { etag: putPart(upload, number, bytes) }, body: "" };
      case "PUT copy": {
        const range = this.#copied(headers);
        const etag = putPart(upload, number, range);
        const crc = base64(crc64nvme(range), 8);
        return xml(
          `<CopyPartResult><ETag>${etag}</ETag><ChecksumCRC64NVME>${crc}</ChecksumCRC64NVME></CopyPartResult>`,
        );
      }
      case "POST complete":
        return xml(this.#complete(uploadId, key, headers));
      case "DELETE upload":
        this.uploads.delete(uploadId);
        return { status: 204, headers: {}, body: "" };
      case "GET parts":
        return xml(listedParts(upload));
      case "GET uploads":
        return xml("<ListMultipartUploadsResult></ListMultipartUploadsResult>");
      default:
        throw new Refusal(501, "NotImplemented");
    }
  }

  #refuseIfThere(key: string, headers: Readonly<Record<string, string>>): void {
    if (headers["if-none-match"] === "*" && this.objects.has(key))
      throw new Refusal(412, "PreconditionFailed");
  }

  #store(key: string, bytes: Buffer, etag: string, headers: Readonly<Record<string, string>>): string {
    this.objects.set(key, { bytes, etag: `"${etag}"`, headers, modified: new Date() });
    return "";
  }

  #read(isHead: boolean, key: string, headers: Readonly<Record<string, string>>): Answer {
    const object = this.objects.get(key);
    if (object === undefined) throw new Refusal(404, "NoSuchKey");
    if ((headers["if-match"] ?? object.etag) !== object.etag) throw new Refusal(412, "PreconditionFailed");
    const { length } = object.bytes;
    const [from = 0, to = length - 1] =
      /(\d+)-(\d+)/
        .exec(headers["range"] ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    const kept = Object.entries(object.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    const answered = {
      etag: object.etag,
      "content-length": String(to + 1 - from),
      ...Object.fromEntries(kept),
      ...(headers["x-amz-checksum-mode"] === undefined
        ? {}
        : {
            "x-amz-checksum-crc64nvme": base64(crc64nvme(object.bytes), 8),
            "x-amz-checksum-type": "FULL_OBJECT",
          }),
      ...(headers["range"] === undefined ? {} : { "content-range": `bytes ${from}-${to}/${length}` }),
    };
    const status = headers["range"] === undefined ? 200 : 206;
    return { status, headers: answered, body: isHead ? "" : object.bytes.subarray(from, to + 1) };
  }

  #copied(headers: Readonly<Record<string, string>>): Buffer {
    const source = decodeURIComponent(headers["x-amz-copy-source"] ?? "")
      .split("/")
      .slice(1)
      .join("/");
    const object = this.objects.get(source);
    if (object === undefined) throw new Refusal(404, "NoSuchKey");
    const condition = headers["x-amz-copy-source-if-match"] ?? object.etag;
    const isRefused = this.refusesCopyConditions && headers["x-amz-copy-source-if-match"] !== undefined;
    if (isRefused || condition !== object.etag) throw new Refusal(412, "PreconditionFailed");
    const [from = 0, to = 0] =
      /^bytes=(\d+)-(\d+)$/
        .exec(headers["x-amz-copy-source-range"] ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    if (to >= object.bytes.length) throw new Refusal(416, "InvalidRange");
    return object.bytes.subarray(from, to + 1);
  }

  #complete(id: string, key: string, headers: Readonly<Record<string, string>>): string {
    const upload = this.uploads.get(id);
    const parts = [...(upload?.parts ?? [])].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    if (parts.slice(0, -1).some(({ bytes }) => bytes.length < 5 * 2 ** 20))
      throw new Refusal(400, "EntityTooSmall");
    const whole = Buffer.concat(parts.map(({ bytes }) => bytes));
    checkBody(whole, headers);
    if (
      headers["x-amz-mp-object-size"] !== undefined &&
      Number(headers["x-amz-mp-object-size"]) !== whole.length
    )
      throw new Refusal(400, "InvalidRequest");
    this.#refuseIfThere(key, headers);
    const etags = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex")));
    this.#store(key, whole, `${hashOf("md5", etags)}-${parts.length}`, upload?.headers ?? {});
    this.uploads.delete(id);
    return "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>";
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

function xml(body: string): Answer {
  return { status: 200, headers: {}, body };
}

function kindOf(query: URLSearchParams, headers: Readonly<Record<string, string>>): string {
  if (query.has("tagging")) return "tags";
  if (query.has("uploads")) return query.has("prefix") ? "uploads" : "begin";
  if (query.has("partNumber")) return headers["x-amz-copy-source"] === undefined ? "part" : "copy";
  if (!query.has("uploadId")) return "object";
  if (query.get("x-id") === "ListParts") return "parts";
  return query.get("x-id") === "AbortMultipartUpload" ? "upload" : "complete";
}

function putPart(upload: UnderWay | undefined, number: number, bytes: Buffer): string {
  const etag = hashOf("md5", bytes);
  upload?.parts.set(number, { bytes, etag });
  return `"${etag}"`;
}

function listedParts(upload: UnderWay | undefined): string {
  const parts = [...(upload?.parts ?? [])].map(
    ([number, { bytes, etag }]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>${bytes.length}</Size></Part>`,
  );
  return `<ListPartsResult>${parts.join("")}</ListPartsResult>`;
}

/** Of a body, or at the end of a multipart upload of all its parts together. */
function checkBody(bytes: Buffer, headers: Readonly<Record<string, string>>): void {
  const sums: [string, () => string][] = [
    ["content-md5", () => createHash("md5").update(bytes).digest("base64")],
    ["x-amz-checksum-crc64nvme", () => base64(crc64nvme(bytes), 8)],
    ["x-amz-checksum-crc32", () => base64(BigInt(crc32.of(bytes)), 4)],
  ];
  for (const [name, sum] of sums)
    if (headers[name] !== undefined && headers[name] !== sum()) throw new Refusal(400, "BadDigest");
}

function hashOf(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

function base64(value: bigint, length: number): string {
  return Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex").toString("base64");
}
