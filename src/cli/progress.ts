import type { Progress } from "../index.ts";
import type { Console } from "./console.ts";
import { countText, durationText, rateText } from "./quantities.ts";

/** Time between two drawings of the line: fast enough to look alive, slow enough to cost nothing. */
const redrawMilliseconds = 100;

/** Time between two lines where nothing can be redrawn: a log of an hour's merge stays readable. */
const logMilliseconds = 10_000;

/** Columns of the bar where there is room for all of it. */
const widestBar = 30;

/** Columns below which a bar shows nothing that the percentage does not. */
const narrowestBar = 5;

/** Shows how far a merge or a verification has come: a line that is redrawn on a terminal, now and then a line elsewhere. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Removes the line; what is printed next begins where it stood. */
  end(): void;
}

/** @param now milliseconds since some moment. */
export function startProgress(console: Console, now: () => number): ProgressLine {
  const start = now();
  let shown = start;
  return {
    update(progress) {
      const time = now();
      if (time - shown < (console.tty ? redrawMilliseconds : logMilliseconds)) return;
      shown = time;
      const seconds = (time - start) / 1000;
      if (console.tty) console.status(progressText(progress, seconds, console.width));
      else console.err(joined(factTexts(progress, seconds)).trimStart());
    },
    end: () => console.status(""),
  };
}

/** One line of fewer than `columns` characters: a terminal wraps what fills its last column. */
export function progressText(progress: Progress, seconds: number, columns: number): string {
  const facts = factTexts(progress, seconds);
  while (joined(facts).length >= columns && facts.length > 0) facts.pop();
  const text = joined(facts);
  const bar = Math.min(widestBar, columns - text.length - 2);
  if (bar < narrowestBar) return text;
  const filled = Math.round(shareDone(progress) * bar);
  return `${"█".repeat(filled)}${"░".repeat(bar - filled)} ${text}`;
}

/** The most important first: they are left out from the end where there is no room. */
function factTexts(progress: Progress, seconds: number): string[] {
  const { bytesDone, tensorsDone, tensorsTotal } = progress;
  const share = shareDone(progress);
  return [
    `${Math.floor(share * 100)} %`.padStart(5),
    rateText(bytesDone, seconds),
    share > 0 ? `${durationText((seconds / share) * (1 - share))} left` : "",
    `${countText(tensorsDone)}/${countText(tensorsTotal)} tensors`,
  ].filter((fact) => fact !== "");
}

function joined(facts: readonly string[]): string {
  return facts.join("  ");
}

/** From 0 to 1; what has no bytes is done from the start. */
function shareDone({ bytesDone, bytesTotal }: Progress): number {
  return bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
}
