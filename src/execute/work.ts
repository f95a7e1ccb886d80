import type { Passes } from "../formula/lower.ts";
import type { Stage } from "../formula/stage.ts";
import { PassesCache } from "../methods/formula.ts";
import type { Plan, TensorTask } from "../plan/plan.ts";
import { batched } from "./batch.ts";
import { Evaluation, idleResults, type StageArguments, StageCollector } from "./evaluation.ts";
import type { PieceResult, TicketResult } from "./job.ts";
import { bytesRead, bytesWritten, type Pass, type Piece, piecesOf, type Ticket } from "./ticket.ts";

/** What the work tells as it goes on. */
export interface WorkEvents {
  /** A piece was read and, unless its pass only reduces, written. */
  moved(piece: Piece): void;
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
  private readonly cache = new PassesCache();

  constructor({ tasks }: Plan, run: RunTickets, events: WorkEvents) {
    const isShared = (task: TensorTask): boolean =>
      isCut(task) && task.combination !== undefined && this.passesOf(task).stages.length > 1;
    this.shared = tasks.filter(isShared);
    const shared = new Set(this.shared);
    this.others = tasks.filter((task) => task.elements > 0 && !shared.has(task));
    this.run = run;
    this.events = events;
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
    const evaluation = new Evaluation(passes);
    for (const [number, stage] of passes.stages.entries()) {
      const args = evaluation.argumentsOf(stage);
      const idle = idleResults(stage, args);
      if (idle === undefined)
        await this.runAssignments([passAssignment(task, evaluation, stage, number, args)]);
      else evaluation.absorb(stage, idle);
    }
    this.events.merged(task, passes, evaluation.observed());
  }

  /** The work on a tensor whose pieces don't wait for each other. */
  private assignment(task: TensorTask): Assignment {
    if (task.combination === undefined) return copyAssignment(task, this.events);
    const passes = this.passesOf(task);
    if (!isCut(task)) return mergeAssignment(task, passes, this.events);
    const evaluation = new Evaluation(passes);
    const stage = passes.stages[0]!;
    const assignment = passAssignment(task, evaluation, stage, 0, evaluation.argumentsOf(stage));
    const finish = (): void => {
      assignment.finish();
      this.events.merged(task, passes, evaluation.observed());
    };
    return { ...assignment, finish };
  }

  private async runAssignments(assignments: readonly Assignment[]): Promise<void> {
    const takers = new Map<Piece, (result: PieceResult) => void>();
    const allPieces = function* (): Generator<Piece> {
      for (const assignment of assignments) {
        const { task, pass } = assignment;
        let missing = Math.ceil(task.elements / task.chunkElements);
        for (const piece of piecesOf(task, pass)) {
          takers.set(piece, (result) => {
            assignment.take(result, piece.firstElement / task.chunkElements);
            if (--missing === 0) assignment.finish();
          });
          yield piece;
        }
      }
    };
    await this.run(batched(allPieces()), ({ pieces }, results) => {
      pieces.forEach((piece, index) => {
        this.events.moved(piece);
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
): Assignment {
  const collector = new StageCollector();
  return {
    task,
    pass: { stage: number, emits: stage.structure.emit !== undefined, arguments: args },
    take(result, position) {
      if (result.kind === "passed") collector.add(position, result.partials);
    },
    finish: () => evaluation.absorb(stage, collector.results()),
  };
}
