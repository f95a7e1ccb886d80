import { didYouMean, TensorweldError } from "../../index.ts";
import type { Method, Problem } from "../../index.ts";
import { jsonSwitch } from "../command.ts";
import type { Command } from "../command.ts";
import { methodLines } from "../method-text.ts";
import { jsonText } from "../printable.ts";
import { tableLines } from "../table.ts";

/** Tells which methods there are, or all about one of them. */
export const methodsCommand: Command = {
  name: "methods",
  summary: "List the ways to merge, or describe one: formula, parameters, paper.",
  argument: "[name]",
  argumentHint: "describe one method at a time",
  flags: [],
  switches: [jsonSwitch],
  notes: "",
  examples: ["methods", "methods linear"],

  async run(line, { console, engine }) {
    const { method, problems } = find(line.argument, engine.methods);
    const all = [...line.problems, ...problems];
    if (all.length > 0) throw new TensorweldError("refused", all);
    const known = [...engine.methods.values()];
    const text = method === undefined ? overview(known) : methodLines(method, console.outPaint);
    console.out(line.switches.has("json") ? jsonText(method ?? known) : text.join("\n"));
  },
};

function find(
  name: string | undefined,
  methods: ReadonlyMap<string, Method>,
): { readonly method?: Method; readonly problems: readonly Problem[] } {
  const method = name === undefined ? undefined : methods.get(name);
  if (method !== undefined) return { method, problems: [] };
  if (name === undefined) return { problems: [] };
  const likely = didYouMean(name, methods.keys());
  const message = `there is no method ${JSON.stringify(name)}; this version has: ${[...methods.keys()].join(", ")}`;
  const hint = likely !== undefined && { hint: `did you mean ${likely}?` };
  return { problems: [{ code: "request/invalid-value", message, ...hint }] };
}

function overview(methods: readonly Method[]): readonly string[] {
  return tableLines(
    methods.map(({ name, summary }) => [name, summary]),
    ["left", "left"],
  );
}
