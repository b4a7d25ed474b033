/** Lets one piece of work go on at a time, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const running = (async () => {
      await before;
      return await work();
    })();
    this.#last = running.catch(() => undefined);
    return await running;
  }
}
