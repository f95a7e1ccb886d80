/**
 * Negative, zero or positive as `a` comes before, equals or comes after `b` in the order of their code points:
 * the order of Rust's and Python's strings. JavaScript's own order of UTF-16 units differs from it beyond U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let same = 0;
  while (same < shorter && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  if (same === shorter) return a.length - b.length;
  return rank(a.charCodeAt(same)) - rank(b.charCodeAt(same));
}

/** A code unit moved so that surrogates, halves of the code points above U+FFFF, come after all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
