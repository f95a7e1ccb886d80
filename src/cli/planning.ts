import { isTensorweldError, overrideConfig, TensorweldError } from "../index.ts";
import type { Config, Plan, Problem } from "../index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Engine, Host } from "./host.ts";
import { printNotices } from "./notices.ts";
import { printWarnings } from "./warnings.ts";

/** The plan for a command line. Prints its warnings and notices. @throws TensorweldError as {@link answerTo} does. */
export async function planFor(line: CommandLine, { engine, console }: Host): Promise<Plan> {
  const plan = await answerTo(line, engine, (config) => engine.plan(config));
  printWarnings(plan.warnings, console);
  if (!line.switches.has("quiet")) printNotices(plan.notices, console);
  return plan;
}

/**
 * What the engine says about the configuration of a command line: that of its file, with its flags laid over it.
 * @throws TensorweldError `refused`, with the problems of the line, the file and the request together.
 */
export async function answerTo<T>(
  line: CommandLine,
  engine: Engine,
  ask: (config: Config) => Promise<T>,
): Promise<T> {
  const problems: Problem[] = [...line.problems];
  try {
    const answer = await ask(await configOf(line, engine));
    if (problems.length === 0) return answer;
  } catch (error) {
    if (!isTensorweldError(error) || error.outcome !== "refused") throw error;
    problems.push(...error.problems.filter((problem) => !isConsequence(problem, line)));
  }
  throw new TensorweldError("refused", problems);
}

async function configOf({ argument, config }: CommandLine, engine: Engine): Promise<Config> {
  if (argument === undefined) return config;
  if (!argument.endsWith(".json")) {
    const message = `${JSON.stringify(argument)} is no configuration file: its name does not end in .json`;
    const hint = "models go after --model_path_list";
    throw new TensorweldError("refused", [{ code: "request/invalid-value", message, hint }]);
  }
  return overrideConfig(await engine.readConfig(argument), config);
}

/** A flag that is missing because it was misspelt, or typed without its value, is not a second problem. */
function isConsequence({ code, key }: Problem, { meant }: CommandLine): boolean {
  return code === "request/missing-value" && key !== undefined && meant.has(key);
}
