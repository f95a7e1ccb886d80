import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";
import type { Console } from "./console.ts";
import { paintFor } from "./paint.ts";

/** Columns where none are known: of a pipe or a file. */
const defaultColumns = 80;

/** The console of a process: results to `out`, the rest to `err`, which may be a terminal. */
export function terminalConsole(
  out: WriteStream,
  err: WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Console {
  // https://no-color.org: any text but the empty one turns colours off.
  const plain = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  const redraws = err.isTTY && environment["TERM"] !== "dumb";
  let shown = "";

  function erase(): void {
    if (shown === "") return;
    cursorTo(err, 0);
    clearLine(err, 0);
  }

  return {
    out(text) {
      erase();
      out.write(`${text}\n`);
      if (shown !== "") err.write(shown);
    },
    err(text) {
      erase();
      err.write(`${text}\n${shown}`);
    },
    status(line) {
      if (!redraws) return;
      erase();
      shown = line;
      err.write(shown);
    },
    tty: redraws,
    get width() {
      // Some pseudo-terminals say that they have no columns at all.
      return [err, out].find(({ isTTY, columns }) => isTTY && columns > 0)?.columns ?? defaultColumns;
    },
    outPaint: paintFor(out.isTTY && !plain),
    errPaint: paintFor(err.isTTY && !plain),
  };
}
