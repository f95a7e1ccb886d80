import type { Structure } from "../../formula/stage.ts";
import type { Layout } from "../backend.ts";
import { bindings, printStructure } from "./print.ts";

/** The compiled passes of a device. */
export class Pipelines {
  /** How the buffers of all passes are bound. */
  readonly bindGroupLayout: GPUBindGroupLayout;
  private readonly device: GPUDevice;
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  private constructor(device: GPUDevice) {
    this.device = device;
    const entry = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => {
      return { binding, visibility: GPU_STAGE_COMPUTE, buffer: { type } };
    };
    this.bindGroupLayout = device.createBindGroupLayout({
      entries: [
        ...[bindings.parameters, bindings.inputs, bindings.trees].map((one) =>
          entry(one, "read-only-storage"),
        ),
        ...[bindings.output, bindings.tallies, bindings.partials].map((one) => entry(one, "storage")),
      ],
    });
  }

  /** Those of a device, which stay as long as it does: compiling takes longer than most runs. */
  static of(device: GPUDevice): Pipelines {
    let pipelines = all.get(device);
    if (pipelines === undefined) all.set(device, (pipelines = new Pipelines(device)));
    return pipelines;
  }

  /** The compiled pass; compiled once for all tensors of one formula. */
  get(structure: Structure, layout: Layout): Promise<GPUComputePipeline> {
    const key = JSON.stringify([structure, layout]);
    let pipeline = this.compiled.get(key);
    if (pipeline === undefined) {
      const module = this.device.createShaderModule({ code: printStructure(structure, layout) });
      pipeline = this.device.createComputePipelineAsync({
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.bindGroupLayout] }),
        compute: { module, entryPoint: "main" },
      });
      this.compiled.set(key, pipeline);
    }
    return pipeline;
  }
}

const all = new WeakMap<GPUDevice, Pipelines>();

/** `GPUShaderStage.COMPUTE`, whose name is not there in Node. */
const GPU_STAGE_COMPUTE = 4;
