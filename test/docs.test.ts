import { expect, test } from "vitest";

import { flagsReference, methodsReference } from "../src/cli/reference.ts";
import { recipeSchema } from "../src/recipe/yaml/json-schema.ts";

// `npm run docs` writes these pages; the tests fail when one is behind the program.
test("docs/flags.md is what the program accepts", async () => {
  await expect(flagsReference()).toMatchFileSnapshot("../docs/flags.md");
});

test("docs/methods.md is what the program computes", async () => {
  await expect(methodsReference()).toMatchFileSnapshot("../docs/methods.md");
});

test("docs/mergekit-recipe.schema.json is what the program reads", async () => {
  await expect(recipeSchema()).toMatchFileSnapshot("../docs/mergekit-recipe.schema.json");
});
