import { assemble } from "../wasm/assemble.ts";
import { EMPTY_BLOCK, plain } from "../wasm/opcodes.ts";
import { KernelWriter } from "../wasm/writer.ts";
import { LANE_BYTES, STRIPE_BYTES, XXH64_PRIMES, XXH64_ROTATIONS, XXH64_STARTS } from "./xxh64.ts";

const [PRIME_1, PRIME_2, PRIME_3, PRIME_4, PRIME_5] = XXH64_PRIMES;

/** The numbers of the parameters of the function, which change while it runs. */
const parameters = {
  /** Address of the next byte to hash. */
  address: 0,
  /** Bytes still to hash. */
  rest: 1,
} as const;

/** The binary of a module whose `run` gives the XXH64 of bytes in its memory, with the seed 0; see `parameters`. */
export function compileXxh64(): Uint8Array<ArrayBuffer> {
  return assemble({ ...new Xxh64Compiler().compile().module(), result: "i64" });
}

/** Writes what `xxh64` does, step by step; numbers are on the stack where nothing else is said. */
class Xxh64Compiler {
  private readonly writer = new KernelWriter(["i32", "i32"]);
  private readonly code = this.writer.code;
  private readonly length = this.writer.local("i64");
  private readonly hash = this.writer.local("i64");
  private readonly accumulators = XXH64_STARTS.map(() => this.writer.local("i64"));

  compile(): KernelWriter {
    const { code, hash } = this;
    code.get(parameters.rest).op(plain.i64ExtendI32U).set(this.length);
    code.i64(PRIME_5).set(hash);
    this.ifRest(STRIPE_BYTES, () => this.stripes());
    code.get(hash).get(this.length).op(plain.i64Add).set(hash);
    this.whileRest(LANE_BYTES, () => this.lane());
    this.ifRest(4, () => this.word());
    this.whileRest(1, () => this.byte());
    this.avalanche();
    return this.writer;
  }

  /** Does what `body` writes once, if at least that many bytes are left. */
  private ifRest(bytes: number, body: () => void): void {
    this.code.op(plain.block).op(EMPTY_BLOCK);
    this.isRest(bytes).code.op(plain.i32Eqz).op(plain.brIf).op(0);
    body();
    this.code.op(plain.end);
  }

  /** Does what `body` writes as long as at least that many bytes are left. */
  private whileRest(bytes: number, body: () => void): void {
    this.ifRest(bytes, () => {
      this.code.op(plain.loop).op(EMPTY_BLOCK);
      body();
      this.isRest(bytes).code.op(plain.brIf).op(0).op(plain.end);
    });
  }

  private isRest(bytes: number): this {
    this.code.get(parameters.rest).i32(bytes).op(plain.i32GeU);
    return this;
  }

  /** All stripes, into the hash. */
  private stripes(): void {
    const { code, hash, accumulators } = this;
    XXH64_STARTS.forEach((start, index) => code.i64(start).set(accumulators[index]!));
    this.whileRest(STRIPE_BYTES, () => {
      accumulators.forEach((accumulator, index) => {
        code
          .get(accumulator)
          .get(parameters.address)
          .load(plain.i64Load, index * LANE_BYTES);
        this.round();
        code.set(accumulator);
      });
      this.advance(STRIPE_BYTES);
    });
    code.i64(0n);
    XXH64_ROTATIONS.forEach((bits, index) => {
      code.get(accumulators[index]!);
      this.rotate(bits).code.op(plain.i64Add);
    });
    code.set(hash);
    for (const accumulator of accumulators) {
      code.get(hash).i64(0n).get(accumulator);
      this.round().code.op(plain.i64Xor);
      this.multiply(PRIME_1).add(PRIME_4).code.set(hash);
    }
  }

  private lane(): void {
    this.code.get(this.hash).i64(0n).get(parameters.address).load(plain.i64Load, 0);
    this.round().code.op(plain.i64Xor);
    this.rotate(27n).multiply(PRIME_1).add(PRIME_4).code.set(this.hash);
    this.advance(LANE_BYTES);
  }

  private word(): void {
    this.code.get(this.hash).get(parameters.address).load(plain.i64Load32U, 0);
    this.multiply(PRIME_1).code.op(plain.i64Xor);
    this.rotate(23n).multiply(PRIME_2).add(PRIME_3).code.set(this.hash);
    this.advance(4);
  }

  private byte(): void {
    this.code.get(this.hash).get(parameters.address).load(plain.i64Load8U, 0);
    this.multiply(PRIME_5).code.op(plain.i64Xor);
    this.rotate(11n).multiply(PRIME_1).code.set(this.hash);
    this.advance(1);
  }

  /** Leaves the finished hash. */
  private avalanche(): void {
    this.shifted(33n).multiply(PRIME_2).code.set(this.hash);
    this.shifted(29n).multiply(PRIME_3).code.set(this.hash);
    this.shifted(32n);
  }

  /** The hash with itself, shifted to the right, in it. */
  private shifted(bits: bigint): this {
    this.code.get(this.hash).get(this.hash).i64(bits).op(plain.i64ShrU).op(plain.i64Xor);
    return this;
  }

  /** A round of an accumulator and the lane above it. */
  private round(): this {
    this.multiply(PRIME_2).code.op(plain.i64Add);
    return this.rotate(31n).multiply(PRIME_1);
  }

  private multiply(factor: bigint): this {
    this.code.i64(factor).op(plain.i64Mul);
    return this;
  }

  private add(summand: bigint): this {
    this.code.i64(summand).op(plain.i64Add);
    return this;
  }

  private rotate(bits: bigint): this {
    this.code.i64(bits).op(plain.i64Rotl);
    return this;
  }

  private advance(bytes: number): void {
    this.code.get(parameters.address).i32(bytes).op(plain.i32Add).set(parameters.address);
    this.code.get(parameters.rest).i32(bytes).op(plain.i32Sub).set(parameters.rest);
  }
}
