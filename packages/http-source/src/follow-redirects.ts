// Where a server sends us on to. RFC 9110 §15.4.
import { quoteText } from "@bootstamp/fault";
import { HttpError } from "./http-error.ts";
import { isHttp, printable, withoutCredentials, type HttpTarget } from "./http-url.ts";

/** As many as fetch and curl by default allow, or fewer. */
export const maxRedirects = 10;

const redirectStatuses: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number | undefined): boolean {
  return redirectStatuses.has(status);
}

/**
 * The target that `location` in an answer to `from` means. The Authorization header goes on to the same scheme, host
 * and port alone; a name and password in the location are left out.
 * @throws HttpError `HTTP_REDIRECT`.
 */
export function redirectTarget(from: HttpTarget, location: string | undefined): HttpTarget {
  const url = location === undefined ? null : URL.parse(location, from.url.href);
  if (url === null || !isHttp(url)) {
    const to = location === undefined ? "nowhere" : quoteText(schemeOf(location));
    throw new HttpError(
      "HTTP_REDIRECT",
      `${printable(from.url)} leads to ${to}, which is no URL of http or https`,
    );
  }
  if (from.url.protocol === "https:" && url.protocol === "http:")
    throw new HttpError("HTTP_REDIRECT", `${printable(from.url)} leads from https to ${printable(url)}`);
  const isSame = url.origin === from.url.origin;
  return { url: withoutCredentials(url), authorization: isSame ? from.authorization : undefined };
}

/** What of a location that is no good may be printed: what is behind may be anything. */
function schemeOf(location: string): string {
  return `${/^[a-z][a-z0-9+.-]{0,20}:/i.exec(location)?.[0] ?? ""}...`;
}
