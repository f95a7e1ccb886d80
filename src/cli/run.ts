import { describeProblem, didYouMean, isTensorweldError, TensorweldError } from "../index.ts";
import { readCommandLine } from "./command-line.ts";
import type { Command } from "./command.ts";
import { checkCommand } from "./commands/check.ts";
import { devicesCommand } from "./commands/devices.ts";
import { explainCommand } from "./commands/explain.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { mergeCommand } from "./commands/merge.ts";
import { methodsCommand } from "./commands/methods.ts";
import { planCommand } from "./commands/plan.ts";
import { verifyCommand } from "./commands/verify.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { Host } from "./host.ts";
import { jsonText, printable } from "./printable.ts";
import { exitCodes, problemLines } from "./problems.ts";

const commands: readonly Command[] = [
  mergeCommand,
  planCommand,
  checkCommand,
  explainCommand,
  inspectCommand,
  verifyCommand,
  methodsCommand,
  devicesCommand,
];

/**
 * Runs a command line, given without the program's own name, and resolves to its exit code: 0 done, 1 failed,
 * broken, or checked and found wrong, 2 refused, 130 interrupted. Never throws.
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    return (await dispatch(args, host)) ?? 0;
  } catch (error) {
    if (isTensorweldError(error)) {
      printProblems(error, args.includes("--json"), host);
      return exitCodes[error.outcome];
    }
    printBug(error, host);
    return 1;
  }
}

async function dispatch(args: readonly string[], host: Host): Promise<number | void> {
  const { console } = host;
  const [first = "--help", ...rest] = args;
  if (first === "--version" || first === "-V") return console.out(host.version);
  const helpWanted = first === "help" || first === "--help" || first === "-h";
  if (helpWanted && rest.length === 0) return console.out(programHelp(commands, console));

  const command = findCommand(helpWanted ? rest[0]! : first);
  const line = readCommandLine(command, rest);
  if (helpWanted || rest.includes("-h") || line.switches.has("help")) {
    return console.out(commandHelp(command, console));
  }
  return command.run(line, host);
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  const likely = didYouMean(name, names);
  const flag = name.startsWith("-");
  const message = flag
    ? `a command comes before the flag ${name}`
    : `there is no command ${JSON.stringify(name)}`;
  const hint = likely === undefined ? `the commands are ${names.join(", ")}` : `did you mean ${likely}?`;
  throw new TensorweldError("refused", [{ code: "request/invalid-value", message, hint }]);
}

function printProblems(error: TensorweldError, asJson: boolean, { console }: Host): void {
  const { outcome, problems } = error;
  if (asJson) console.out(jsonText({ error: { outcome, problems } }));
  else console.err(problemLines(error, describeProblem, console.errPaint).join("\n"));
}

/** One line for a user, who can do nothing about it, and the way to the trace for who can. */
function printBug(error: unknown, { console, debug }: Host): void {
  const shown = error instanceof Error ? error : new Error(String(error));
  console.err(printable(`A fault in tensorweld itself: ${shown.message}`));
  const trace = (shown.stack ?? "").replace(shown.message, printable).split("\n").map(printable).join("\n");
  console.err(debug ? trace : "Run it again with TENSORWELD_DEBUG=1 to see where, and please report it.");
}
