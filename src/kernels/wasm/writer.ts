import { Code, type FunctionModule, type ValueType } from "./assemble.ts";
import { simd } from "./opcodes.ts";

/**
 * Writes the function of a kernel: hands out locals, and vectors of constants that are filled once before the loop.
 *
 * Constants come from mutable globals. Written inline, V8 of Node 24 and later rebuilds them in every step of the
 * loop, which costs a third of its speed.
 */
export class KernelWriter {
  readonly code: Code = new Code();
  private readonly parameters: readonly ValueType[];
  private readonly locals: ValueType[] = [];
  private scratchLocal: number | undefined;
  private readonly constants = new Map<number, number>();

  constructor(parameters: readonly ValueType[]) {
    this.parameters = parameters;
  }

  /** The number of a new local. */
  local(type: ValueType = "v128"): number {
    return this.parameters.length + this.locals.push(type) - 1;
  }

  /** The number of a new local that takes the vector on the stack. */
  keep(): number {
    const local = this.local();
    this.code.set(local);
    return local;
  }

  /** The number of a 32-bit local for values that are used at once: always the same. */
  scratch(): number {
    this.scratchLocal ??= this.local("i32");
    return this.scratchLocal;
  }

  /** Leaves a vector on the stack with `bits` in each of its four 32-bit lanes. */
  constant(bits: number): this {
    let local = this.constants.get(bits);
    if (local === undefined) {
      local = this.local();
      this.constants.set(bits, local);
    }
    this.code.get(local);
    return this;
  }

  module(): FunctionModule {
    const body = new Code();
    const globals = [...this.constants.keys()];
    [...this.constants.values()].forEach((local, global) => {
      body.getGlobal(global).simd(simd.i32x4Splat).set(local);
    });
    body.append(this.code);
    return { parameters: this.parameters, locals: this.locals, globals, body };
  }
}
