import { describe, expect, test } from "vitest";
import { flags } from "../../src/index.ts";
import { runLine } from "./host.ts";

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists the commands", async (args) => {
    const { code, out } = await runLine(args);
    expect(code).toBe(0);
    expect(out).toContain("merge [recipe.yml | config.json] [OUT]  Merge models into one.");
  });

  test("of the program", async () => {
    expect((await runLine(["--help"])).out).toMatchInlineSnapshot(`
      "Merges the weights of language models.

      Usage  tensorweld <command> [flags]

      Commands
        merge [recipe.yml | config.json] [OUT]  Merge models into one. The output appears only when it is
                                                complete.
        plan [recipe.yml | config.json] [OUT]   Show what a merge would read, do, write and need. Reads
                                                headers, writes nothing.
        check [recipe.yml | config.json] [OUT]  Tell what is wrong with a merge, from headers and small
                                                files.
        explain <recipe.yml | config.json>      Tell what each tensor of the output would be made of:
                                                sources, values of parameters, formula.
        inspect <checkpoint>                    List the tensors of a checkpoint, from its headers.
        verify <output>                         Read an output again, and tell whether it is what was
                                                written.
        methods [name]                          List the ways to merge, or describe one: formula,
                                                parameters, paper, other tools.
        devices                                 List the GPUs for --device gpu, and what they take at
                                                once.

      Also
        --version                               Print the version.
        <command> --help                        All flags of a command."
    `);
  });

  test("of merge", async () => {
    await expect((await runLine(["merge", "--help"], { width: 80 })).out).toMatchFileSnapshot(
      "merge-help.txt",
    );
  });

  test("of inspect", async () => {
    expect((await runLine(["help", "inspect"])).out).toMatchInlineSnapshot(`
      "List the tensors of a checkpoint, from its headers.

      Usage  tensorweld inspect <checkpoint> [flags]

      Models
        --merge_prefix <choice>  Which weight files are read, and the name of those written. One of model,
                                 master_weights. Default model.

      Terminal
        --json                   Print one JSON document.
        --quiet                  Print no progress and no notices.
        --help                   Print this help.

      Examples
        tensorweld inspect MODEL
        tensorweld inspect MODEL/model.safetensors --json"
    `);
  });

  test("wins over everything else on the line", async () => {
    const { code, out } = await runLine(["merge", "--nonsense", "-h"]);
    expect([code, out]).toEqual([0, expect.stringContaining("Usage  tensorweld merge")]);
  });

  test("fits the terminal, and names every flag", async () => {
    const { out } = await runLine(["plan", "--help"], { width: 70 });
    const [body] = out.split("Examples");
    expect(Math.max(...body!.split("\n").map((line) => line.length))).toBeLessThanOrEqual(70);
    for (const name of flags.keys()) expect(out).toContain(`--${name} `);
  });
});

test("the version", async () => {
  expect(await runLine(["--version"])).toMatchObject({ code: 0, out: "1.2.3", err: "" });
});

test.each([
  [["mege"], 'there is no command "mege"', "did you mean merge?"],
  [
    ["train"],
    'there is no command "train"',
    "the commands are merge, plan, check, explain, inspect, verify, methods",
  ],
  [["--merge_method", "linear"], "a command comes before the flag --merge_method", "the commands are"],
])("%j names no command", async (args, message, hint) => {
  const { code, err } = await runLine(args);
  expect([code, err]).toEqual([2, expect.stringContaining(`${message}\n    ${hint}`)]);
});
