/*
 * The libraries that write file systems take the time from Date, and the one for FAT the local time. Here Date stands
 * still and is in UTC, so that the same edit gives the same bytes at any time and in any time zone. For threads of this
 * package alone: it replaces Date for all code of the thread.
 */

let milliseconds = 0;

const frozenDate = new Proxy(Date, {
  construct: (date, args: unknown[]): object =>
    args.length === 0 ? new date(milliseconds) : Reflect.construct(date, args),
  get: (date, key): unknown => (key === "now" ? () => milliseconds : Reflect.get(date, key)),
});

const asUtc: readonly (readonly [string, string])[] = [
  ["getFullYear", "getUTCFullYear"],
  ["getMonth", "getUTCMonth"],
  ["getDate", "getUTCDate"],
  ["getDay", "getUTCDay"],
  ["getHours", "getUTCHours"],
  ["getMinutes", "getUTCMinutes"],
  ["getSeconds", "getUTCSeconds"],
];

/** Stops the clock of this thread at `seconds` since 1970. */
export function freezeClock(seconds: number): void {
  milliseconds = seconds * 1000;
  globalThis.Date = frozenDate;
  for (const [local, utc] of asUtc) Reflect.set(Date.prototype, local, Reflect.get(Date.prototype, utc));
  Reflect.set(Date.prototype, "getTimezoneOffset", () => 0);
}
