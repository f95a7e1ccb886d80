/** Bytes per unit: thousands for the decimal units, 1024s for those with an i, as in "GB" and "GiB". */
const units: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KIB", 2 ** 10],
  ["MIB", 2 ** 20],
  ["GIB", 2 ** 30],
  ["TIB", 2 ** 40],
]);

/** The whole bytes that a text such as `1.5GB` stands for; anything that is no size is returned unchanged. */
export function bytesFromText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value);
  const bytesPerUnit = units.get(parts?.[2]?.toUpperCase() ?? "no size");
  if (bytesPerUnit === undefined) return value;
  return Math.round(Number(parts?.[1]) * bytesPerUnit);
}
