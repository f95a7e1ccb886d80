import { describe, expect, test } from "vitest";
import { methods, pairs, sparsifiers } from "../../src/index.ts";
import { runLine } from "./host.ts";

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

      Methods for recipes only
        nuslerp           A point on the arc from the first model to the second, by their weights; for
                          tensors or for rows.
        multislerp        The weighted mean of the models' directions, as long as they are on weighted
                          average.
        karcher           The direction with the least sum of squared angles to the models' directions, as
                          long as they are on average.
        model_stock       The mean of the models' differences to the base, shortened by what their angles
                          tell.
        sce               Select the elements that vary most among the models, calculate each model's
                          weight from what is left, erase what has not the elected sign.
        ram               For each element the mean of the differences of those models that changed it.
        ramplus_tl        Like ram; what only one model changed is enlarged, the more the more that model
                          shares.
        nearswap          The base, each element moved towards the model's by t, or all the way where that
                          is less.
        arcee_fusion      The first model, with those elements of the second that differ much, in rows
                          that differ much.
        passthrough       One model as it is, or a multiple of it: what stacks of layers are made with.
        task_arithmetic   linear. Weighted sum of the models, or with a base, of their differences to it.
        breadcrumbs       outliers + linear. Drops the elements of largest magnitude, and of the others
                          the smallest. Weighted sum of the models, or with a base, of their differences
                          to it.
        breadcrumbs_ties  outliers + ties. Drops the elements of largest magnitude, and of the others the
                          smallest. For each element the models elect a sign; what has that sign is
                          summed, the rest is left out.

      In a recipe, merge_method takes all these names, and they mean there what they mean to mergekit,
      whose defaults are others.
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
        -  mergekit goes on beyond the models for t below 0 or above 1, which is refused here.
        -  PaddleNLP's norms overflow on float16 tensors; here they are sums of float64.

      slerp in recipes
        is          slerp
        base_model  needed; the first of the models
        models      1 to 2
        paper       https://en.wikipedia.org/wiki/Slerp
        t           Sets alpha of slerp. Must be given.

      In formulas, dᵢ is model i's tensor or, with a base, its difference to the base's, which is added to
      the result; wᵢ is the model's weight, n the number of elements of a tensor, N that of the models; p
      is reserve_p or a recipe's density, ε is epsilon, γ is gamma, λ is scale or a recipe's lambda, α is
      slerp_alpha, a recipe's t, or alpha."
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
                 ε·r/n; rescale: divided by 1-q, or by sum times Σ|d| / Σ|kept|
        models   each alone
        paper    https://arxiv.org/abs/2406.11617

      Parameters of magprune
        --reserve_p  The probability with which an element of middling magnitude is
                     kept. Takes a number from 0. Default 0.7.
        --epsilon    How much more probably the largest element is kept than the
                     smallest. Takes a number from 0. Default 0.14.
        ranking      Where an element is ranked: among all of the tensor, r/n, or in
                     its row, from 0 to 1. Takes tensor or row. Default tensor.
        width        The same in units of epsilon: 2 for probabilities from p - ε to p
                     + ε. Takes a number from 0. Default 1.
        wholesale    A probability of 0 drops everything, and one of 1 or more keeps
                     everything, whatever epsilon is. Takes true or false. Default
                     false.
        --rescale    Enlarge what is kept, to make up for what is dropped. Takes true
                     or false. Default true.
        rescaling    How it is enlarged: each element divided by its probability, so
                     that its expected value stays what it was, or all of them, so
                     that the sum of magnitudes does. Takes probability or sum.
                     Default probability.

      Other tools' magprune
        -  mergekit ranks within rows, from the smallest, 0, to the largest, 1, with a
           window of ±ε, and rescales by sum; so do recipes.
        -  PaddleNLP ranks the whole tensor as this does, but leaves equal magnitudes
           to an unstable sort; here they share the mean of their ranks.

      ties
        flag     --merge_type ties
        does     For each element the models elect a sign; what has that sign is
                 summed, the rest is left out.
        formula  vᵢ = wᵢ·dᵢ; s = + if Σ v ≥ 0 (or more vᵢ > 0 than vᵢ < 0), else -;
                 λ·Σ of the vᵢ with sign s, divided by Σ of their wᵢ when normalised
        models   2 or more
        paper    https://arxiv.org/abs/2306.01708

      Parameters of ties
        --weight_list      How much of this model goes into the sum; a negative one
                           turns its signs. Takes a number for each model. Default 1.
        --ties_elect_type  What decides a sign: the sum of the values, or the number
                           of each sign. Takes sum or count. Default sum.
        --normalize        Divide by the sum of the weights of those that agree. Takes
                           true or false. Default false.
        scale              λ, what the result is multiplied by. Takes a number.
                           Default 1.

      Other tools' ties
        -  The paper trims over the whole model at once; here as in mergekit and
           PaddleNLP each tensor is trimmed alone.
        -  PaddleNLP rescales after trimming, and so do the defaults here; the paper
           and mergekit do not (--no_rescale).
        -  mergekit divides by the sum of the weights that agree unless told not to;
           here normalize says so.

      della in recipes
        is          magprune (ranking row, width 2, wholesale true, rescaling sum) +
                    ties
        base_model  needed; differences to it are merged
        models      1 or more
        paper       https://arxiv.org/abs/2406.11617
        weight      Sets weight of ties for each model. Must be given.
        density     Sets reserve of magprune for each model. Default 1.
        epsilon     Sets epsilon of magprune for each model. Default 0.15.
        normalize   Sets normalize of ties. Default true.
        rescale     Sets rescale of magprune. Default true.
        lambda      Sets scale of ties. Default 1.
        int8_mask   Has no effect: it changes how signs are held in memory, not what
                    they are.

      In formulas, dᵢ is model i's tensor or, with a base, its difference to the
      base's, which is added to the result; wᵢ is the model's weight, n the number of
      elements of a tensor, N that of the models; p is reserve_p or a recipe's
      density, ε is epsilon, γ is gamma, λ is scale or a recipe's lambda, α is
      slerp_alpha, a recipe's t, or alpha."
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
    const told = JSON.parse(out) as Readonly<Record<string, unknown[]>>;
    expect(told["sparsifiers"]![0]).toMatchObject({
      name: "trim",
      parameters: { reserve: { kind: "number" } },
    });
    expect(told["methods"]![0]).toMatchObject({
      name: "linear",
      parameters: { weight: { kind: "per-model" } },
    });
    expect(told).toMatchObject({
      pairs: [{ name: "linear", merge: "linear" }, {}, {}, {}, {}, {}, {}],
      recipeMethods: expect.arrayContaining([
        expect.objectContaining({ name: "karcher", merge: { method: "karcher", values: {} } }),
      ]) as unknown[],
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
        /there is no method "liner"; this version has: linear, .*dare_ties, .*trim, .*\n {4}did you mean linear\?/,
      ),
    ]);
  });
});
