/** The memory that a process may use. */
export interface MachineMemory {
  /** All of it, in bytes: the machine's, or the container's where that has less. */
  readonly totalBytes: number;
  /** What is free now, or can be freed at once, in bytes; absent where the system does not tell. */
  readonly availableBytes?: number;
}
