import { Fault } from "@bootstamp/fault";

/** Runs `work` on a file; a fault that does not say which file it is about gets the file's name before its message. */
export async function aboutFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.message.includes(path)) throw error;
    throw new Fault(error.code, `${path}: ${error.message}`, error.fields, { cause: error });
  }
}
