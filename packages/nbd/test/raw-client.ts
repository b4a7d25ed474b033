// A client of the tests' own: it says exactly what a test wants, right or wrong, and knows nothing of the server's code.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { NbdAddress } from "@bootstamp/nbd";

export interface OptionReply {
  readonly option: number;
  readonly type: number;
  readonly data: Buffer;
}

export interface Chunk {
  readonly flags: number;
  readonly type: number;
  readonly cookie: bigint;
  readonly payload: Buffer;
}

export interface Asked {
  readonly flags?: number;
  readonly command: number;
  readonly cookie?: bigint;
  readonly offset?: bigint;
  readonly length?: number;
  readonly data?: Uint8Array;
}

export const ack = 1;

export class RawClient {
  #socket: Socket;
  #received: Buffer[] = [];
  #length = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach();
  }

  static async connect(address: NbdAddress): Promise<RawClient> {
    const socket = connect(address.kind === "unix" ? { path: address.path } : address);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connected, greeted, and the client's flags sent. */
  static async greeted(address: NbdAddress, flags = 3): Promise<RawClient> {
    const client = await RawClient.connect(address);
    await client.take(18);
    client.send(u32(flags));
    return client;
  }

  /** In transmission on an export, by way of GO. */
  static async attached(
    address: NbdAddress,
    options: { name?: string; structured?: boolean } = {},
  ): Promise<RawClient> {
    const client = await RawClient.greeted(address);
    const name = options.name ?? "";
    if (options.structured === true) {
      await client.ask(8);
      await client.ask(10, contextData(name, ["base:allocation"]));
    }
    const replies = await client.ask(7, informationData(name));
    if (replies.at(-1)?.type !== ack) throw new Error("GO was refused");
    return client;
  }

  send(...pieces: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(pieces));
  }

  sendOption(option: number, data: Uint8Array = Buffer.alloc(0), length: number = data.length): void {
    this.send(Buffer.from("IHAVEOPT"), u32(option), u32(length), data);
  }

  /** Sends an option and takes its replies, up to the last. */
  async ask(option: number, data?: Uint8Array): Promise<OptionReply[]> {
    this.sendOption(option, data);
    return this.replies();
  }

  async replies(): Promise<OptionReply[]> {
    const replies: OptionReply[] = [];
    do replies.push(await this.optionReply());
    while ([2, 3, 4].includes(replies.at(-1)?.type ?? 0));
    return replies;
  }

  async optionReply(): Promise<OptionReply> {
    const header = await this.take(20);
    if (header.readBigUInt64BE(0) !== 0x0003e889045565a9n) throw new Error("not an option reply");
    const data = await this.take(header.readUInt32BE(16));
    return { option: header.readUInt32BE(8), type: header.readUInt32BE(12), data };
  }

  request(asked: Asked): void {
    this.send(encodeRequest(asked), asked.data ?? Buffer.alloc(0));
  }

  /** A simple reply; `length` is that of the data if there is no error. */
  async simple(length = 0): Promise<{ error: number; cookie: bigint; data: Buffer }> {
    const header = await this.take(16);
    if (header.readUInt32BE(0) !== 0x67446698) throw new Error("not a simple reply");
    const error = header.readUInt32BE(4);
    return { error, cookie: header.readBigUInt64BE(8), data: await this.take(error === 0 ? length : 0) };
  }

  async chunk(): Promise<Chunk> {
    const header = await this.take(20);
    if (header.readUInt32BE(0) !== 0x668e33ef) throw new Error("not a structured reply");
    return {
      flags: header.readUInt16BE(4),
      type: header.readUInt16BE(6),
      cookie: header.readBigUInt64BE(8),
      payload: await this.take(header.readUInt32BE(16)),
    };
  }

  /** Sends a request and takes its simple reply. */
  async demand(asked: Asked): Promise<{ error: number; cookie: bigint; data: Buffer }> {
    this.request(asked);
    return this.simple(asked.command === 0 ? asked.length : 0);
  }

  async take(length: number): Promise<Buffer> {
    await this.#until(() => this.#length >= length);
    if (this.#length < length) throw new Error(`the server closed, ${length - this.#length} bytes short`);
    const all = Buffer.concat(this.#received);
    this.#received = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  /** Everything until the server closes. */
  async rest(): Promise<Buffer> {
    await this.#until(() => false);
    return this.take(this.#length);
  }

  /** Bytes that have come and were not taken. */
  get pending(): number {
    return this.#length;
  }

  /** Reads no more, so that the server's replies pile up. */
  stopReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** Ends the sending half alone. */
  endHalf(): void {
    this.#socket.end();
  }

  vanish(): void {
    this.#socket.destroy();
  }

  /** Goes away in a way that the other side sees as an error. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async secure(options: ConnectionOptions): Promise<void> {
    this.#socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
    const secured = connectTls({ ...options, socket: this.#socket });
    await once(secured, "secureConnect");
    this.#socket = secured;
    this.#attach();
  }

  #attach(): void {
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket
      .on("data", (bytes: Buffer) => {
        this.#received.push(bytes);
        this.#length += bytes.length;
        this.#wake();
      })
      .on("end", end)
      .on("close", end)
      .on("error", () => undefined);
  }

  async #until(met: () => boolean): Promise<void> {
    while (!met() && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export function encodeRequest(asked: Asked): Buffer {
  const { flags = 0, command, cookie = 1n, offset = 0n, length = asked.data?.length ?? 0 } = asked;
  return Buffer.concat([u32(0x25609513), u16(flags), u16(command), u64(cookie), u64(offset), u32(length)]);
}

export function informationData(name: string, types: readonly number[] = []): Buffer {
  return Buffer.concat([counted(name), u16(types.length), ...types.map((type) => u16(type))]);
}

export function contextData(name: string, queries: readonly string[]): Buffer {
  return Buffer.concat([counted(name), u32(queries.length), ...queries.map((query) => counted(query))]);
}

export function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u32(bytes.length), bytes]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** Bytes from hexadecimal digits with spaces between the fields. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}
