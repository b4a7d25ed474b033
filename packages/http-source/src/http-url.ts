import { HttpError } from "./http-error.ts";

/** A URL to ask, without the name and password that it came with, which are in `authorization`. */
export interface HttpTarget {
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** @throws HttpError `HTTP_URL`. Its message does not repeat the text, which may have a password in it. */
export function parseTarget(text: string, authorization?: string): HttpTarget {
  const url = URL.parse(text);
  if (url === null) throw new HttpError("HTTP_URL", "a URL cannot be read");
  if (!isHttp(url))
    throw new HttpError(
      "HTTP_URL",
      `cannot read from a URL that begins with ${url.protocol}//, expected http or https`,
    );
  const own = credentialsOf(url);
  return { url: withoutCredentials(url), authorization: authorization ?? own };
}

export function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

export function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  return bare;
}

/** For messages: without name, password and query, which may hold a signature. */
export function printable(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?..."}`;
}

/** Basic authentication, RFC 7617 §2. */
function credentialsOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = `${decode(username)}:${decode(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new HttpError("HTTP_URL", "the name or password in a URL has a broken %XX", {}, { cause: error });
  }
}
