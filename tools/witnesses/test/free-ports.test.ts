import { existsSync, readFileSync } from "node:fs";
import { freePorts, when } from "@bootstamp/witnesses";
import { expect, test } from "vitest";

const range = "/proc/sys/net/ipv4/ip_local_port_range";

test(
  "ports are each another, and none that the kernel gives out",
  when(existsSync(range), "no Linux"),
  async () => {
    const [lowest = 0] = readFileSync(range, "utf8").split(/\s+/).map(Number);
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(lowest);
  },
);
