import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { FaultPlan, ProxyFault, SeenRequest } from "./proxy-fault.ts";

/** Passes requests on to an HTTP server, on loopback, and makes them fail as its plan says. */
export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Every request since the start, in order; a program may empty it. */
  readonly seen: SeenRequest[];
  plan: FaultPlan;
}

/** Starts a proxy before `target`, an address such as `http://127.0.0.1:7480`. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const seen: SeenRequest[] = [];
  const state: { plan: FaultPlan } = { plan: () => undefined };
  const server = createServer((incoming, response) => {
    const arrived = seenOf(incoming);
    seen.push(arrived);
    const forwarding = { target, agent, incoming, response };
    forward(forwarding, state.plan(arrived)).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    get plan(): FaultPlan {
      return state.plan;
    },
    set plan(plan: FaultPlan) {
      state.plan = plan;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Forwarding {
  readonly target: string;
  readonly agent: Agent;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

async function forward(forwarding: Forwarding, fault: ProxyFault | undefined): Promise<void> {
  const { incoming, response } = forwarding;
  if (fault?.kind === "cut-request") return await cutRequest(incoming, fault.after);
  const body = await buffer(incoming);
  if (fault?.kind === "answer") return refuse(response, fault);
  if (fault?.kind === "after") await fault.before();
  if (fault?.kind === "corrupt-request") spoil(body);
  if (fault?.kind === "twice") await (await pass(forwarding, body)).toArray();
  const answer = await pass(forwarding, body);
  if (fault?.kind === "lose-answer") {
    await answer.toArray();
    incoming.socket.destroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  if (fault?.kind === "cut-answer") return await cutAnswer(answer, response, fault.after);
  if (fault?.kind !== "corrupt-answer") return void answer.pipe(response);
  const bytes = await buffer(answer);
  spoil(bytes);
  response.end(bytes);
}

async function pass(
  { target, agent, incoming: { method, url, rawHeaders } }: Forwarding,
  body: Buffer,
): Promise<IncomingMessage> {
  // With the client's own headers, Host among them: they are signed.
  const outgoing = request(`${target}${url ?? "/"}`, { method, agent, headers: rawHeaders, setHost: false });
  const answered = once(outgoing, "response");
  // A server that refuses a body answers before it has read it, and closes: what is written then fails after the answer.
  outgoing.on("error", () => undefined);
  outgoing.end(body);
  const [answer]: IncomingMessage[] = await answered;
  if (answer === undefined) throw new Error("internal error: no answer");
  return answer;
}

function seenOf({ method = "GET", url = "/", headers }: IncomingMessage): SeenRequest {
  const { pathname, searchParams } = new URL(url, "http://proxy");
  const { authorization: _, ...kept } = headers;
  const single = Object.entries(kept).map(([name, value]) => [name, [value].flat().join(", ")]);
  return { method, path: pathname, query: searchParams, headers: Object.fromEntries(single) };
}

async function cutRequest(incoming: IncomingMessage, after: number): Promise<void> {
  let length = 0;
  incoming.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length >= after) incoming.socket.destroy();
  });
  await once(incoming, "close");
  incoming.socket.destroy();
}

async function cutAnswer(answer: IncomingMessage, response: ServerResponse, after: number): Promise<void> {
  const bytes = await buffer(answer);
  response.write(bytes.subarray(0, after), () => response.destroy());
}

function refuse(response: ServerResponse, { status, code }: { status: number; code: string }): void {
  response.writeHead(status, { "content-type": "application/xml", connection: "close" });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>by the proxy</Message></Error>`,
  );
}

function spoil(bytes: Buffer): void {
  if (bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
}
