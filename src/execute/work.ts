import type { Passes } from "../formula/lower.ts";
import type { Stage } from "../formula/stage.ts";
import { PassesCache } from "../methods/formula.ts";
import type { Plan, TensorTask } from "../plan/plan.ts";
import { batched } from "./batch.ts";
import { CountSums, Evaluation, idleResults, type StageArguments, StageCollector } from "./evaluation.ts";
import type { PieceResult, TicketResult } from "./piece-result.ts";
import type { PriorWork } from "./prior-work.ts";
import { bytesRead, bytesWritten, type Pass, type Piece, piecesOf, type Ticket } from "./ticket.ts";

/** What the work tells as it goes on. */
export interface WorkEvents {
  /** Pieces were read and, unless their pass only reduces, written. */
  moved(pieces: readonly Piece[], results: readonly PieceResult[]): void;
  /** A piece is there from an earlier attempt. */
  found(piece: Piece, result: PieceResult): void;
  /** All pieces of a tensor that is shared pass by pass are there or written; what was observed of it. */
  shared(task: TensorTask, observed: readonly number[]): void;
  /** A tensor was merged; what was observed of it, in the order of its formula's observations. */
  merged(task: TensorTask, passes: Passes, observed: readonly number[]): void;
  /** A tensor was copied; whether its bytes are the same in all models. */
  copied(task: TensorTask, same: boolean): void;
}

/** Puts tickets through the threads; resolves when all are done. */
export type RunTickets = (
  tickets: Iterator<Ticket, void>,
  done: (ticket: Ticket, result: TicketResult) => void,
) => Promise<void>;

/** Pieces of one tensor that don't wait for each other, and what to do with their results. */
interface Assignment {
  readonly task: TensorTask;
  readonly pass?: Pass;
  /** Takes the result of a piece, which is number `position` of the tensor's; they come in any order. */
  take(result: PieceResult, position: number): void;
  /** Called once all are taken. */
  finish(): void;
}

/** The whole work of a plan: what must be done before what, and what becomes of the results. */
export class Work {
  /** Tensors that take several passes and are too large for one worker to keep. */
  private readonly shared: readonly TensorTask[];
  private readonly others: readonly TensorTask[];
  private readonly run: RunTickets;
  private readonly events: WorkEvents;
  private readonly prior: PriorWork;
  private readonly cache = new PassesCache();
  private readonly sums = new CountSums();

  constructor({ tasks }: Plan, run: RunTickets, events: WorkEvents, prior: PriorWork) {
    const isShared = (task: TensorTask): boolean =>
      isCut(task) && task.combination !== undefined && this.passesOf(task).stages.length > 1;
    this.shared = tasks.filter(isShared);
    const shared = new Set(this.shared);
    this.others = tasks.filter((task) => task.elements > 0 && !shared.has(task));
    this.run = run;
    this.events = events;
    this.prior = prior;
  }

  /** Bytes that all passes together read and write. */
  totalBytes(): number {
    const once = this.others.reduce((sum, task) => sum + bytesRead(task) + bytesWritten(task), 0);
    return this.shared.reduce((sum, task) => {
      return sum + this.passesOf(task).stages.length * bytesRead(task) + bytesWritten(task);
    }, once);
  }

  /** Tensors whose passes all workers share come first, one after the other; then all others at once. */
  async do(): Promise<void> {
    for (const task of this.shared) await this.passAround(task);
    await this.runAssignments(this.others.map((task) => this.assignment(task)));
  }

  private async passAround(task: TensorTask): Promise<void> {
    const passes = this.passesOf(task);
    const done = this.observedBefore(task);
    if (done !== undefined) return this.events.merged(task, passes, done);
    const evaluation = new Evaluation(passes);
    for (const [number, stage] of passes.stages.entries()) {
      const args = evaluation.argumentsOf(stage);
      const idle = idleResults(stage, args);
      if (idle === undefined)
        await this.runAssignments([passAssignment(task, evaluation, stage, number, args, this.sums)]);
      else evaluation.absorb(stage, idle);
    }
    const observed = evaluation.observed();
    this.events.shared(task, observed);
    this.events.merged(task, passes, observed);
  }

  /** What was observed of a tensor that an earlier attempt put through all its passes; undefined when none did. */
  private observedBefore(task: TensorTask): readonly number[] | undefined {
    const observed = this.prior.observed(task.name);
    if (observed === undefined) return undefined;
    const found = [...piecesOf(task)].map((piece) => ({ piece, result: this.prior.resultOf(piece) }));
    if (found.some(({ result }) => result === undefined)) return undefined;
    for (const { piece, result } of found) this.events.found(piece, result!);
    return observed;
  }

  /** The work on a tensor whose pieces don't wait for each other. */
  private assignment(task: TensorTask): Assignment {
    if (task.combination === undefined) return copyAssignment(task, this.events);
    const passes = this.passesOf(task);
    if (!isCut(task)) return mergeAssignment(task, passes, this.events);
    const evaluation = new Evaluation(passes);
    const stage = passes.stages[0]!;
    const args = evaluation.argumentsOf(stage);
    const assignment = passAssignment(task, evaluation, stage, 0, args, new CountSums());
    const finish = (): void => {
      assignment.finish();
      this.events.merged(task, passes, evaluation.observed());
    };
    return { ...assignment, finish };
  }

  private async runAssignments(assignments: readonly Assignment[]): Promise<void> {
    const takers = new Map<Piece, (result: PieceResult) => void>();
    const { prior, events } = this;
    const missingPieces = function* (): Generator<Piece> {
      for (const assignment of assignments) {
        const { task, pass } = assignment;
        let missing = Math.ceil(task.elements / task.chunkElements);
        for (const piece of piecesOf(task, pass)) {
          const take = (result: PieceResult): void => {
            assignment.take(result, piece.firstElement / task.chunkElements);
            if (--missing === 0) assignment.finish();
          };
          const found = prior.resultOf(piece);
          if (found === undefined) {
            takers.set(piece, take);
            yield piece;
          } else {
            events.found(piece, found);
            take(found);
          }
        }
      }
    };
    await this.run(batched(missingPieces()), ({ pieces }, results) => {
      events.moved(pieces, results);
      pieces.forEach((piece, index) => {
        takers.get(piece)!(results[index]!);
        takers.delete(piece);
      });
    });
  }

  private passesOf(task: TensorTask): Passes {
    return this.cache.passesOf(task.combination!, { ...task, tensorElements: task.elements });
  }
}

/** Whether a tensor is cut into several pieces. */
function isCut({ elements, chunkElements }: TensorTask): boolean {
  return elements > chunkElements;
}

function copyAssignment(task: TensorTask, events: WorkEvents): Assignment {
  let same = true;
  return {
    task,
    take(result) {
      same &&= result.kind === "copied" && result.same;
    },
    finish: () => events.copied(task, same),
  };
}

function mergeAssignment(task: TensorTask, passes: Passes, events: WorkEvents): Assignment {
  return {
    task,
    take(result) {
      if (result.kind === "merged") events.merged(task, passes, result.observed);
    },
    finish: () => {},
  };
}

function passAssignment(
  task: TensorTask,
  evaluation: Evaluation,
  stage: Stage,
  number: number,
  args: StageArguments,
  sums: CountSums,
): Assignment {
  const collector = new StageCollector(stage, sums);
  return {
    task,
    pass: { stage: number, emits: stage.structure.emit !== undefined, arguments: args },
    take(result, position) {
      if (result.kind === "passed") collector.add(position, result.partials);
    },
    finish: () => evaluation.absorb(stage, collector.results()),
  };
}
