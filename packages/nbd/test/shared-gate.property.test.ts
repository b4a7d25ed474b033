// The laws of the gate that all connections go through, held against made-up connections and a clock of the test's own.
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Share, SharedGate } from "../src/shared-gate.ts";

const limits = { ownBytes: 10, sharedBytes: 100, stallMilliseconds: 1000 };

interface Connection extends Share {
  idle: number | undefined;
  evicted: number;
}

function connection(): Connection {
  const made: Connection = {
    bytes: 0,
    idle: undefined,
    evicted: 0,
    guest: { idleSince: () => made.idle, evict: () => void made.evicted++ },
  };
  return made;
}

/** Asks to enter, and notes when it has. */
function enter(gate: SharedGate, share: Share, bytes: number): { entered: boolean } {
  const state = { entered: false };
  void gate.enter(share, bytes).then(() => (state.entered = true));
  return state;
}

const settled = async (): Promise<unknown> => await vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

test("never is more under way than may be, and whatever is asked for comes in when others have left", async () => {
  const step = fc.record({ who: fc.nat(5), bytes: fc.integer({ min: 1, max: 150 }), leaves: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const gate = new SharedGate(limits);
      const connections = Array.from({ length: 6 }, connection);
      const inside: { share: Share; bytes: number }[] = [];
      let waiting = 0;
      const leave = (): void => {
        const [one] = inside.splice(0, 1);
        if (one !== undefined) gate.leave(one.share, one.bytes);
      };
      const checkBound = (): void => {
        const beyond = connections.map(({ bytes }) => Math.max(0, bytes - limits.ownBytes));
        const sharing = beyond.filter((bytes) => bytes > 0);
        const sum = sharing.reduce((total, bytes) => total + bytes, 0);
        expect(sharing.length <= 1 || sum <= limits.sharedBytes).toBe(true);
      };
      // As connections do, each waits for one request at a time.
      const busy = new Set<Share>();
      for (const { who, bytes, leaves } of steps) {
        const share = connections[who];
        if (share !== undefined && !busy.has(share)) {
          busy.add(share);
          waiting++;
          void gate.enter(share, bytes).then(() => {
            busy.delete(share);
            waiting--;
            return inside.push({ share, bytes });
          });
        }
        await settled();
        checkBound();
        for (let count = 0; count < leaves - 1; count++) leave();
        await settled();
        checkBound();
      }
      for (let left = 0; left < 100; left++) {
        leave();
        await settled();
      }
      expect(waiting).toBe(0);
      expect(connections.map(({ bytes }) => bytes)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 100 },
  );
});

describe("a connection", () => {
  test("has its own bytes whatever others do, and for more waits its turn", async () => {
    const gate = new SharedGate(limits);
    const [greedy, large, small] = [connection(), connection(), connection()];
    expect([await gate.enter(greedy, 105), greedy.bytes]).toEqual([undefined, 105]);
    const first = enter(gate, large, 50);
    const second = enter(gate, small, 15);
    const own = enter(gate, connection(), 10);
    await settled();
    expect([first, second, own]).toEqual([{ entered: false }, { entered: false }, { entered: true }]);
    gate.leave(greedy, 105);
    await settled();
    expect([first, second]).toEqual([{ entered: true }, { entered: true }]);
  });

  test("that moves nothing is sent away as soon as others wait, and not before", async () => {
    const gate = new SharedGate(limits);
    const [idle, working, moving, other] = [connection(), connection(), connection(), connection()];
    await gate.enter(idle, 40);
    await gate.enter(working, 40);
    await gate.enter(moving, 40);
    idle.idle = performance.now();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(idle.evicted).toBe(0);
    const waiting = enter(gate, other, 50);
    for (let time = 0; time < 600; time += 100) {
      moving.idle = performance.now();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect([idle, working, moving].map(({ evicted }) => evicted > 0)).toEqual([true, false, false]);
    expect(waiting.entered).toBe(false);
    gate.leave(idle, 40);
    await settled();
    expect(waiting.entered).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not sent away because it waits itself, or has only its own bytes", async () => {
    const gate = new SharedGate(limits);
    const [large, small, idle] = [connection(), connection(), connection()];
    await gate.enter(large, 60);
    await gate.enter(idle, 50);
    await gate.enter(small, 10);
    [idle.idle, small.idle] = [0, 0];
    enter(gate, idle, 50);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([idle.evicted, small.evicted]).toEqual([0, 0]);
    enter(gate, connection(), 80);
    await vi.advanceTimersByTimeAsync(1000);
    expect([idle.evicted > 0, small.evicted]).toEqual([true, 0]);
  });
});
