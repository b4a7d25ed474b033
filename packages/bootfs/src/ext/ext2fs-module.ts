/*
 * The WebAssembly module inside the npm package ext2fs (libext2fs of e2fsprogs 1.44), without the package's own layer
 * over it, whose faults are: options of the caller are overridden by defaults (appendFile truncates, writeFile ignores
 * the mode, readFile returns text), results above 0 that are errors pass as success, and memory is used unchecked.
 *
 * One instance a thread, with 16 MiB of memory that does not grow. After an error its state cannot be trusted any
 * more: throw the thread away.
 */
import { createRequire } from "node:module";
import { BootfsError } from "../bootfs-error.ts";

/** What libext2fs reads and writes through; offsets are bytes of the file system. Never rejects for good data. */
export interface AsyncDisk {
  read(buffer: Uint8Array, bufferOffset: number, length: number, offset: number): Promise<void>;
  write(buffer: Uint8Array, bufferOffset: number, length: number, offset: number): Promise<void>;
  discard(offset: number, length: number): Promise<void>;
  flush(): Promise<void>;
}

interface EmscriptenModule {
  readonly calledRun?: boolean;
  onRuntimeInitialized?: () => void;
  readonly HEAPU8: Uint8Array;
  setObject(object: unknown): number;
  deleteObject(id: number): void;
  ccall(
    name: string,
    returns: "number" | null,
    types: readonly "number"[],
    args: readonly number[],
    options: { readonly async: true },
  ): number | Promise<number>;
}

/** Calls into libext2fs, one at a time: its asynchronous disk allows no second call before the first has ended. */
export interface Ext2fsModule {
  /** Calls `node_ext2fs_${name}`; returns its result as it is, below 0 being an error number. */
  call(name: string, ...args: readonly number[]): Promise<number>;
  /** Runs `work` with the bytes copied into the module's memory. */
  withBytes<Result>(bytes: Uint8Array, work: (pointer: number) => Promise<Result>): Promise<Result>;
  addDisk(disk: AsyncDisk): number;
  removeDisk(id: number): void;
}

let loading: Promise<Ext2fsModule> | undefined;

/** Loads the module, once a thread. */
export function loadExt2fs(): Promise<Ext2fsModule> {
  loading ??= instantiate().then(wrap);
  return loading;
}

async function instantiate(): Promise<EmscriptenModule> {
  const module: EmscriptenModule = createRequire(import.meta.url)("ext2fs/lib/libext2fs.js");
  if (module.calledRun !== true) {
    await new Promise<void>((resolve) => (module.onRuntimeInitialized = resolve));
  }
  return module;
}

function wrap(module: EmscriptenModule): Ext2fsModule {
  const call = async (name: string, args: readonly number[]): Promise<number> =>
    await module.ccall(
      name,
      "number",
      args.map(() => "number" as const),
      args,
      { async: true },
    );
  return {
    call: (name, ...args) => call(`node_ext2fs_${name}`, args),
    addDisk: (disk) => module.setObject(disk),
    removeDisk: (id) => module.deleteObject(id),
    withBytes: async (bytes, work) => {
      const pointer = await call("malloc_from_js", [bytes.length]);
      if (pointer === 0)
        throw new BootfsError(
          "BOOTFS_WRITER_FAILED",
          `the ext writer has no ${bytes.length} bytes of memory left`,
        );
      module.HEAPU8.set(bytes, pointer);
      const result = await work(pointer);
      await call("free_from_js", [pointer]);
      return result;
    },
  };
}
