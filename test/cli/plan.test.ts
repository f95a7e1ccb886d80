import { expect, test } from "vitest";

import { runLine } from "./host.ts";
import { smallPlan } from "./small-plan.ts";

const engine = { plan: () => Promise.resolve(smallPlan) };

test("a plan as a person reads it", async () => {
  expect((await runLine(["plan"], { engine })).out).toMatchInlineSnapshot(`
    "Read
      3 files, 3.00 GB of weights
        /a/model.safetensors     1.00 GB
        /b/model.safetensors     1.00 GB
        /base/model.safetensors  1.00 GB

    Merge
      method           dare_linear
      sparsify         dare
        --reserve_p    0.5
        --rescale      true
      merge            linear
        --weight_list  0.7 0.3
        --normalize    false
      base             /base
      seed             42
      tensors          2 merged, 1 copied

    Write
      /out
        model-00001-of-00002.safetensors  600 MB
        model-00002-of-00002.safetensors  400 MB
        merge_config.json                    3 B

    Copy
      /base/config.json

    Needs
      memory   170 MB, of it 64.0 MB of buffers
      disk     1.00 GB
      threads  2 workers, up to 32.0 MB of buffers each

    Nothing has been written. Plan 0123456789abcdef"
  `);
});

test("a plan as JSON is the plan itself", async () => {
  const { out, err } = await runLine(["plan", "--json"], { engine });
  expect(JSON.parse(out)).toEqual(smallPlan);
  expect(err).toBe("note slerp_alpha has no effect on dare_linear.");
});

test("of many files the first are named", async () => {
  const shards = Array.from({ length: 1000 }, (_, index) => ({
    name: `shard ${index}`,
    size: 10,
    header: "",
  }));
  const { out } = await runLine(["plan"], {
    engine: { plan: () => Promise.resolve({ ...smallPlan, shards }) },
  });
  expect(out).toContain("    shard 19");
  expect(out).not.toContain("shard 20 ");
  expect(out).toContain("and 981 more");
});
