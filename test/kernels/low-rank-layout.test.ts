import { expect, test, vi } from "vitest";

import { productBytes } from "../../src/kernels/low-rank/layout.ts";
import { createLowRankProduct } from "../../src/kernels/low-rank/wasm.ts";

test("the memory of a product is what productBytes says", async () => {
  const memories: WebAssembly.Memory[] = [];
  const Memory = WebAssembly.Memory;
  const made = vi.spyOn(WebAssembly, "Memory").mockImplementation(function make(descriptor) {
    const memory = new Memory(descriptor);
    memories.push(memory);
    return memory;
  });
  const product = await createLowRankProduct();
  made.mockRestore();
  for (const { rank, columns } of [
    { rank: 1, columns: 1 },
    { rank: 64, columns: 2048 },
    { rank: 700, columns: 300 },
  ]) {
    product.setRight(new Float32Array(rank * columns), rank, columns);
    const into = new Float32Array(columns * 50);
    product.multiply({ left: new Float32Array(rank * 50), firstRow: 0, first: 0, scale: 1, into });
    expect(memories.map(({ buffer }) => buffer.byteLength)).toEqual([productBytes({ rank, columns })]);
  }
});
