import { describe, expect, test } from "vitest";
import { flags, methods, pairs, sparsifiers } from "../../src/index.ts";
import { runLine } from "./host.ts";

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists the commands", async (args) => {
    const out: unknown = expect.stringContaining("merge [config.json]   Merge models into one.");
    expect(await runLine(args)).toMatchObject({ code: 0, out });
  });

  test("of the program", async () => {
    expect((await runLine(["--help"])).out).toMatchInlineSnapshot(`
      "Merges the weights of language models.

      Usage  tensorweld <command> [flags]

      Commands
        merge [config.json]   Merge models into one. The output appears only when it is complete.
        plan [config.json]    Show what a merge would read, do, write and need. Reads headers, writes
                              nothing.
        check [config.json]   Tell what is wrong with a merge, from headers and small files.
        inspect <checkpoint>  List the tensors of a checkpoint, from its headers.
        verify <output>       Read an output again, and tell whether it is what was written.
        methods [name]        List the ways to merge, or describe one: formula, parameters, paper, other
                              tools.
        devices               List the GPUs for --device gpu, and what they take at once.

      Also
        --version             Print the version.
        <command> --help      All flags of a command."
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
  [["train"], 'there is no command "train"', "the commands are merge, plan, check, inspect, verify, methods"],
  [["--merge_method", "linear"], "a command comes before the flag --merge_method", "the commands are"],
])("%j names no command", async (args, message, hint) => {
  const { code, err } = await runLine(args);
  expect([code, err]).toEqual([2, expect.stringContaining(`${message}\n    ${hint}`)]);
});

describe("methods", () => {
  test("all of them", async () => {
    expect((await runLine(["methods"])).out).toMatchInlineSnapshot(`
      "Methods, for --merge_method
        linear        Weighted sum of the models, or with a base, of their differences to it.
        slerp         A point on the arc from the first model to the second, the whole tensor taken as one
                      vector.
        ties          trim + ties. Keeps the elements of largest magnitude. For each element the models
                      elect a sign; what has that sign is summed, the rest is left out.
        della         magprune + ties. Keeps elements at random, the larger the more probably. For each
                      element the models elect a sign; what has that sign is summed, the rest is left out.
        della_linear  magprune + linear. Keeps elements at random, the larger the more probably. Weighted
                      sum of the models, or with a base, of their differences to it.
        dare_linear   dare + linear. Keeps each element with the same probability, whatever the others do.
                      Weighted sum of the models, or with a base, of their differences to it.
        dare_ties     dare + ties. Keeps each element with the same probability, whatever the others do.
                      For each element the models elect a sign; what has that sign is summed, the rest is
                      left out.

      Any --sparsify_type (none, trim, dare, magprune) goes with any --merge_type (linear, slerp, ties).
      \`tensorweld methods NAME\` describes any of these."
    `);
  });

  test("one of them", async () => {
    expect((await runLine(["methods", "slerp"])).out).toMatchInlineSnapshot(`
      "slerp
        flag     --merge_method slerp
        does     A point on the arc from the first model to the second, the whole tensor taken as one
                 vector.
        formula  c = cos θ = d₁·d₂ / |d₁||d₂|; sin((1-α)θ)/sin θ · d₁ + sin(αθ)/sin θ · d₂; for |c| above
                 the threshold (1-α)·d₁ + α·d₂
        models   2
        paper    https://en.wikipedia.org/wiki/Slerp

      Parameters of slerp
        --slerp_alpha          Where on the arc: 0 is the first model, 1 the second. Takes a number from 0
                               up to 1. Default 0.5.
        --slerp_normalize_eps  The norm up to which a tensor is taken for zero and not normalised. Takes a
                               number from 0. Default 1e-8.
        --slerp_dot_threshold  The cosine above which the arc is taken for a line. Takes a number from 0
                               up to 1. Default 0.9995.

      Other tools' slerp
        -  mergekit takes the base as one of the two models, and mixes them directly; here a base is what
           differences are taken to.
        -  PaddleNLP's norms overflow on float16 tensors; here they are sums of float64.

      In formulas, dᵢ is model i's tensor or, with a base, its difference to the base's, which is added to
      the result; wᵢ is the model's weight, n the number of elements of a tensor; p is reserve_p, ε is
      epsilon, α is slerp_alpha."
    `);
  });

  test("one that is a pair", async () => {
    expect((await runLine(["methods", "della"], { width: 80 })).out).toMatchInlineSnapshot(`
      "della = magprune + ties
        flag   --merge_method della
        paper  https://arxiv.org/abs/2406.11617

      magprune
        flag     --sparsify_type magprune
        does     Keeps elements at random, the larger the more probably.
        formula  r = rank by |d|, the largest 0; drop probability q = (1-p) - ε/2 +
                 ε·r/n; rescale: divided by 1-q
        models   each alone
        paper    https://arxiv.org/abs/2406.11617

      Parameters of magprune
        --reserve_p  The probability with which an element of middling magnitude is
                     kept. Takes a number above 0 up to 1. Default 0.7.
        --epsilon    How much more probably the largest element is kept than the
                     smallest. Takes a number from 0. Default 0.14.
        --rescale    Divide each kept element by its probability, so that its expected
                     value stays what it was. Takes true or false. Default true.

      Other tools' magprune
        -  mergekit ranks within rows, with a window of ±ε, and rescales by the sum of
           magnitudes.
        -  PaddleNLP ranks the whole tensor as this does, but leaves equal magnitudes
           to an unstable sort; here they share the mean of their ranks.

      ties
        flag     --merge_type ties
        does     For each element the models elect a sign; what has that sign is
                 summed, the rest is left out.
        formula  vᵢ = wᵢ·dᵢ; s = + if Σ v ≥ 0 (or more vᵢ > 0 than vᵢ < 0), else -; Σ
                 of the vᵢ with sign s, divided by Σ of their wᵢ when normalised
        models   2 or more
        paper    https://arxiv.org/abs/2306.01708

      Parameters of ties
        --weight_list      How much of this model goes into the sum; a negative one
                           turns its signs. Takes a number for each model. Default 1.
        --ties_elect_type  What decides a sign: the sum of the values, or the number
                           of each sign. Takes sum or count. Default sum.
        --normalize        Divide by the sum of the weights of those that agree. Takes
                           true or false. Default false.

      Other tools' ties
        -  The paper trims over the whole model at once; here as in mergekit and
           PaddleNLP each tensor is trimmed alone.
        -  PaddleNLP rescales after trimming, and so do the defaults here; the paper
           and mergekit do not (--no_rescale).
        -  mergekit divides by the sum of the weights that agree unless told not to;
           here normalize says so.

      In formulas, dᵢ is model i's tensor or, with a base, its difference to the
      base's, which is added to the result; wᵢ is the model's weight, n the number of
      elements of a tensor; p is reserve_p, ε is epsilon, α is slerp_alpha."
    `);
  });

  test("a sparsifier", async () => {
    const { out } = await runLine(["methods", "trim"]);
    expect(out).toContain("flag     --sparsify_type trim");
    expect(out).not.toContain("--merge");
  });

  test.each(["linear", "slerp", "ties", "della", "della_linear", "dare_linear", "dare_ties"])(
    "%s: formula, parameters, paper and other tools of all its parts",
    async (name) => {
      const { out } = await runLine(["methods", name]);
      const pair = pairs.get(name)!;
      for (const rule of [sparsifiers.get(pair.sparsify ?? ""), methods.get(pair.merge)]) {
        if (rule === undefined) continue;
        const told = out.replaceAll(/\s+/g, " ");
        for (const text of [rule.summary, rule.formula, rule.reference, ...rule.differences]) {
          expect(told).toContain(text);
        }
        for (const { doc } of Object.values(rule.parameters)) expect(told).toContain(doc);
      }
    },
  );

  test("as JSON", async () => {
    const { out } = await runLine(["methods", "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      pairs: [{ name: "linear", merge: "linear" }, {}, {}, {}, {}, {}, {}],
      sparsifiers: [{ name: "trim", parameters: { reserve: { kind: "number" } } }, {}, {}],
      methods: [{ name: "linear", parameters: { weight: { kind: "per-model" } } }, {}, {}],
    });
  });

  test("one of them as JSON", async () => {
    const { out } = await runLine(["methods", "ties", "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      name: "ties",
      pair: { sparsify: "trim", merge: "ties" },
      sparsifier: { name: "trim" },
      method: { name: "ties" },
    });
  });

  test("one that is not there", async () => {
    const { code, err } = await runLine(["methods", "liner"]);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /there is no method "liner"; this version has: linear, .*dare_ties, trim, .*\n {4}did you mean linear\?/,
      ),
    ]);
  });
});
