import { isTensorweldError, overrideConfig, TensorweldError } from "../index.ts";
import type { Config, Plan, Problem, RecipeSource } from "../index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Engine, Host } from "./host.ts";
import { printNotices } from "./notices.ts";
import { printWarnings } from "./warnings.ts";

/** The plan for a command line. Prints its warnings and notices. @throws TensorweldError as {@link answerTo} does. */
export async function planFor(line: CommandLine, { engine, console }: Host): Promise<Plan> {
  const plan = await answerTo(line, engine, (config, recipe) => engine.plan(config, recipe));
  printWarnings(plan.warnings, console);
  if (!line.switches.has("quiet")) printNotices(plan.notices, console);
  return plan;
}

/**
 * What the engine says about what a command line asks for: its recipe with its flags, or its configuration file with its
 * flags laid over it.
 * @throws TensorweldError `refused`, with the problems of the line, the file and the request together.
 */
export async function answerTo<T>(
  line: CommandLine,
  engine: Engine,
  ask: (config: Config, recipe?: RecipeSource) => Promise<T>,
): Promise<T> {
  const problems: Problem[] = [...line.problems];
  try {
    const answer = await ask(...(await askedFor(line, engine)));
    if (problems.length === 0) return answer;
  } catch (error) {
    if (!isTensorweldError(error) || error.outcome !== "refused") throw error;
    problems.push(...error.problems.filter((problem) => !isConsequence(problem, line)));
  }
  throw new TensorweldError("refused", problems);
}

async function askedFor(line: CommandLine, engine: Engine): Promise<[config: Config, recipe?: RecipeSource]> {
  const { argument } = line;
  const config = withOutput(line);
  if (argument === undefined) return [config];
  if (/\.ya?ml$/i.test(argument)) return [config, await engine.readRecipe(argument)];
  if (argument.endsWith(".json")) return [overrideConfig(await engine.readConfig(argument), config)];
  const message = `${JSON.stringify(argument)} is neither a recipe nor a configuration: its name ends in none of .yml, .yaml and .json`;
  const hint = "models go after --model_path_list";
  throw new TensorweldError("refused", [{ code: "request/invalid-value", message, hint }]);
}

/** The flags, and the second argument as the one it stands for. */
function withOutput({ config, secondArgument: output }: CommandLine): Config {
  if (output === undefined) return config;
  const { output_path: flag = output } = config;
  if (flag === output) return { ...config, output_path: output };
  const message = `is ${JSON.stringify(flag)}, and the argument after the recipe ${JSON.stringify(output)}`;
  const code = "request/contradiction";
  throw new TensorweldError("refused", [
    { code, key: "output_path", message, hint: "leave one of the two out" },
  ]);
}

/** A flag that is missing because it was misspelt, or typed without its value, is not a second problem. */
function isConsequence({ code, key }: Problem, { meant }: CommandLine): boolean {
  return code === "request/missing-value" && key !== undefined && meant.has(key);
}
