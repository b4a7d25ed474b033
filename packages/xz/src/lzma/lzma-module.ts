// The decoder itself is WebAssembly, made of what is in ../../assembly. Here are its instances.
import { decoderCode } from "./decoder-code.ts";

/** What the decoder exports: see ../../assembly/index.ts. */
export interface LzmaModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  inputOffset(): number;
  windowOffset(): number;
  setProperties(lc: number, lp: number, pb: number): void;
  reset(): void;
  decode(codeLength: number, start: number, end: number, position: number, dictionaryLength: number): number;
}

/** The part of the standard's `WebAssembly` that is needed; Node's types have none of it. */
declare const WebAssembly: {
  compile(code: Uint8Array): Promise<object>;
  instantiate(module: object): Promise<{ exports: LzmaModule }>;
};

/** An instance with more memory, as a long dictionary of another program takes it, is not kept. */
const mostKept: number = 40 << 20;

let compiled: Promise<object> | undefined;
let idle: LzmaModule | undefined;

/** An instance that nobody else uses. What is in its memory is of no meaning. */
export async function takeModule(): Promise<LzmaModule> {
  const taken = idle;
  idle = undefined;
  if (taken !== undefined) return taken;
  compiled ??= WebAssembly.compile(Buffer.from(decoderCode, "base64"));
  const { exports } = await WebAssembly.instantiate(await compiled);
  return exports;
}

/** Keeps an instance for who comes next: to fill fresh memory costs as much as to decode some. */
export function giveBack(module: LzmaModule): void {
  if (module.memory.buffer.byteLength <= mostKept) idle = module;
}
