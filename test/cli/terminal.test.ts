import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { describe, expect, test } from "vitest";

import { terminalConsole } from "../../src/cli/terminal.ts";

interface Recorded {
  readonly stream: WriteStream;
  readonly text: () => string;
}

function recorded(isTTY: boolean, columns?: number): Recorded {
  const stream = new PassThrough();
  return {
    stream: Object.assign(stream, { isTTY, columns }) as unknown as WriteStream,
    text: () => String(stream.read() ?? ""),
  };
}

const erased = "\u001b[1G\u001b[2K";

describe("a terminal", () => {
  test("redraws its status line, and prints above it", () => {
    const [out, err] = [recorded(true, 80), recorded(true, 80)];
    const console = terminalConsole(out.stream, err.stream, {});
    console.status("half");
    console.status("more");
    console.err("note");
    console.out("result");
    console.status("");
    console.err("done");
    expect(err.text()).toBe(`half${erased}more${erased}note\nmore${erased}more${erased}done\n`);
    expect(out.text()).toBe("result\n");
  });

  test("has colours, unless they are not wanted", () => {
    const red = (environment: Record<string, string>): string => {
      const { stream } = recorded(true, 80);
      return terminalConsole(stream, stream, environment).outPaint("red", "x");
    };
    expect(red({})).toBe("\u001b[31mx\u001b[39m");
    expect(red({ NO_COLOR: "" })).toBe("\u001b[31mx\u001b[39m");
    expect(red({ NO_COLOR: "1" })).toBe("x");
    expect(red({ TERM: "dumb" })).toBe("x");
  });

  test("changes its width while it is used", () => {
    const { stream } = recorded(true, 80);
    const console = terminalConsole(stream, stream, {});
    stream.columns = 40;
    expect(console.width).toBe(40);
    stream.columns = 0;
    expect(console.width).toBe(80);
  });
});

test.each([[false, {}] as const, [true, { TERM: "dumb" }] as const])(
  "nothing is redrawn elsewhere (terminal: %s, %j)",
  (isTTY, environment) => {
    const [out, err] = [recorded(isTTY, 80), recorded(isTTY, 80)];
    const console = terminalConsole(out.stream, err.stream, environment);
    console.status("half");
    console.err(console.errPaint("red", "note"));
    console.status("");
    expect([console.tty, err.text()]).toEqual([false, "note\n"]);
  },
);

test("each stream has its own colours", () => {
  const console = terminalConsole(recorded(false).stream, recorded(true, 80).stream, {});
  expect([console.outPaint("red", "x"), console.errPaint("red", "x")]).toEqual([
    "x",
    "\u001b[31mx\u001b[39m",
  ]);
});
